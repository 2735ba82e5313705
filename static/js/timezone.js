// Chooses the timezone of this computer while nobody has chosen one.
const choice = document.querySelector("select[name=timezone]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (choice && choice.value === "UTC" && [...choice.options].some((option) => option.value === here)) choice.value = here;
