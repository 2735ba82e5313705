"""No app hangs on the private parts of Django and of other packages: they change in any release, without a note."""

import ast
from importlib import import_module

import pytest

from tests.test_arrows import APPS, imports, named, sources, tree

# Underscored names that are documented, or the only way: (name, file or "" for all): why.
ALLOWED = {
    ("_meta", ""): "documented by Django: the Model _meta API",
    ("_default_manager", ""): "documented by Django, for code that does not know the model",
    ("_state.adding", ""): "documented by Django, like `_state.db`; nothing else of `_state` is",
    ("_db", "accounts/models/user.py"): "documented by Django, for `using` in the methods of a manager",
    ("_replace", ""): "a method of every named tuple, documented by Python",
    (
        "_raw_delete",
        "accounts/adapters.py",
    ): "one statement whether or not there is a row; `delete()` takes longer if so",
}

# Packages whose name says that they are private: what is imported from them, and why.
ALLOWED_IMPORTS = {
    "allauth.account.internal.flows.code_verification.AbstractCodeVerificationProcess": "login codes of our own",
    "allauth.account.internal.flows.login.get_authentication_records": "how old a login is; no public function says so",
    "allauth.account.internal.flows.login.perform_login": "the login stages run by nothing else",
    "allauth.account.internal.flows.login.record_authentication": "a login by code or link counts as a fresh one",
    "allauth.account.internal.flows.reauthentication.resume_request": "continues what a reauthentication interrupted",
    "allauth.core.internal.cryptokit.compare_user_code": "ignores case and spaces exactly as allauth's forms do",
    "allauth.socialaccount.internal.statekit": "the state of a login at a provider lives there alone",
}

# Private to Django although no underscore says so.
UNDOCUMENTED = {
    *("run_on_commit", "savepoint_ids"),  # of a connection
    *("get_compiler", "SQLCompiler", "get_db_converters", "apply_converters", "annotation_select", "deferred_loading"),
    *("klass_info", "get_related_populators", "RelatedPopulator", "ModelIterable", "ValuesListIterable"),
    *("fields_cache", "set_cached_value", "get_cached_value", "is_cached"),
}
PRIVATE_MODULES = {"internal", "sql"}  # `allauth.*.internal`, `django.db.models.sql`


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def assigned(node):
    """The names that a statement gives to functions, classes, variables and attributes of `self`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        is_ours = isinstance(node, ast.Name) or ast.unparse(node.value) in ("self", "cls")
        yield (node.id if isinstance(node, ast.Name) else node.attr) if is_ours else ""


def ours():
    return {name for file in sources() for node in ast.walk(tree(file)) for name in assigned(node) if is_private(name)}


def used(file):
    """(name, line, whether it is looked up at a base class) of each private name that is used as an attribute."""
    states = {}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Attribute) and node.value.attr == "_state":
                states[node.value] = f"_state.{node.attr}"
            name = states.get(node, node.attr)
            if is_private(name) or name in UNDOCUMENTED:
                yield name, node.lineno, ast.unparse(node.value) == "super()"
        elif isinstance(node, ast.Name) and node.id in UNDOCUMENTED:
            yield node.id, node.lineno, False
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr", "delattr"):
            name = getattr(node.args[1], "value", "")
            if isinstance(name, str) and (is_private(name) or name in UNDOCUMENTED):
                yield name, node.lineno, False


def foreign_uses():
    known = ours()
    for file in sources():
        for name, line, is_inherited in used(file):
            if is_inherited or name not in known:
                yield name, named(file), line


def test_no_private_name_of_another_package_is_used():
    wrong = {
        f"{file}:{line}: {name}"
        for name, file, line in foreign_uses()
        if not {(name, ""), (name, file)} & ALLOWED.keys()
    }
    assert wrong == set()


def test_what_is_allowed_is_used():
    found = {(name, file) for name, file, _line in foreign_uses()}
    found |= {(name, "") for name, _file in found}
    assert ALLOWED.keys() <= found
    assert ALLOWED_IMPORTS.keys() <= {name for file in sources() for name, _line in imports(file)}


def test_no_private_module_of_another_package_is_imported():
    wrong = {
        f"{named(file)}:{line}: {name}"
        for file in sources()
        for name, line in imports(file)
        if name.split(".")[0] not in {*APPS, "__future__"} and name not in ALLOWED_IMPORTS
        and any(is_private(part) or part in PRIVATE_MODULES or part in UNDOCUMENTED for part in name.split("."))
    }  # fmt: skip
    assert wrong == set()


def overrides(file):
    """The private names in the bodies of the classes of `file` that a base class of another package defines."""
    for node in tree(file).body:
        if isinstance(node, ast.ClassDef):
            bases = getattr(import_module(named(file)[:-3].replace("/", ".")), node.name).__mro__
            foreign = [base for base in bases if base.__module__.split(".")[0] not in APPS]
            names = {name for part in node.body for each in ast.walk(part) for name in assigned(each)}
            yield from (
                f"{named(file)}: {node.name}.{name}"
                for name in names
                if is_private(name) and any(hasattr(base, name) for base in foreign)
            )


def test_no_private_method_of_another_package_is_overridden():
    files = [file for file in sources() if file.name != "__main__.py" and "migrations" not in file.parts]
    assert [wrong for file in files for wrong in overrides(file)] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("queryset._result_cache", ["_result_cache"]),
        ("connection.run_on_commit", ["run_on_commit"]),
        ("getattr(post, '_prefetched_objects_cache', {})", ["_prefetched_objects_cache"]),
        ("post._state.adding", ["_state.adding"]),
        ("post._state.fields_cache", ["fields_cache", "_state.fields_cache"]),
        ("super()._should_handle(request)", ["_should_handle"]),
        ("setup.__doc__, self.own", []),
    ],
)
def test_the_uses_are_found(code, found, monkeypatch):
    monkeypatch.setattr("tests.test_private_names.tree", lambda file: ast.parse(code))
    assert [name for name, _line, _is_inherited in used(None)] == found
