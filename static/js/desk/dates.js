// Moments as the desk's pages print them: core/dates.py sends the language's formats, names and the blog's timezone.

export function dateFormats(json) {
  const { zone, time, moment, months, halves } = JSON.parse(json);
  const clock = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hourCycle: "h23",
    ...Object.fromEntries(["year", "month", "day", "hour", "minute"].map((part) => [part, "numeric"])),
  });

  function parts(at) {
    const told = clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]);
    return Object.fromEntries(told);
  }

  // The letters of Django's formats that say a day or a time; \ before a letter keeps it as it is.
  function written(at, format) {
    const { year, month, day, hour, minute } = parts(at);
    const two = (number) => String(number).padStart(2, "0");
    const half = hour < 12 ? 0 : 1;
    const letters = {
      Y: year, y: two(year % 100), n: month, m: two(month), j: day, d: two(day),
      G: hour, H: two(hour), g: hour % 12 || 12, h: two(hour % 12 || 12), i: two(minute),
      a: halves.a[half], A: halves.A[half], P: `${hour % 12 || 12}:${two(minute)} ${halves.a[half]}`,
      F: months.F[month - 1], M: months.M[month - 1], N: months.N[month - 1],
    }; // prettier-ignore
    return format.replace(/\\(.)|([A-Za-z])/g, (_all, kept, letter) => kept ?? letters[letter] ?? letter);
  }

  function isToday(at) {
    const now = parts(Date.now());
    return ["year", "month", "day"].every((part) => parts(at)[part] === now[part]);
  }

  return {
    // The time alone if it is today, as `time_or_day` in core/dates.py.
    timeOrDay: (at) => written(at, isToday(at) ? time : moment),
  };
}
