#!/usr/bin/env python3
"""Renders pairs of template and context with the reference implementation: JSON lines in, JSON lines out.

Usage: reference.py <pairs >results. A pair is {"template": ..., "context": ...}; a result is {"result": ...} or {"error": "..."}.

Where the Python implementation only follows Python, the language's JavaScript implementation is the reference; each such place is
changed here, below, so that what remains must be the same:
 1. numbers as text: 3.0 is "3", 1e-07 is "1e-7"; the same inside $json;
 2. integers and floats have an order, and sort together;
 3. true is not 1: in ==, in `in`, in $sort, as an index, as an argument of range();
 4. 2.0 is an integer: as an index, and in range();
 5. join() writes null as nothing, true as "true", an array within with commas; objects are refused;
 6. number() takes decimal numbers only;
 7. $find gives the element itself: data is not rendered as a template.

One more is our own: a call looks past a member of the context that is no function.
"""
import json
import re
import sys


from jsone import AST, builtins, interpreter, shared

render = sys.modules["jsone.render"]  # the package has a function of that name

NOW = "2017-01-19T16:27:20.974Z"


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def js_number(v):
    """ECMAScript's Number::toString, but for integers, which stay exact."""
    if isinstance(v, int):
        return str(v)
    if v == 0:
        return "0"
    sign, digits, exponent = re.fullmatch(r"(-?)([0-9.]+)e([+-][0-9]+)", "{:.16e}".format(v)).groups()
    for precision in range(17):
        shortest = "{:.{}e}".format(v, precision)
        if float(shortest) == v:
            sign, digits, exponent = re.fullmatch(r"(-?)([0-9.]+)e([+-][0-9]+)", shortest).groups()
            break
    digits, point = digits.replace(".", ""), int(exponent) + 1
    digits = digits.rstrip("0") or "0"
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return "{}{}e{}{}".format(sign, mantissa, "+" if point > 0 else "-", abs(point - 1))


python_to_str = shared.to_str


def to_str(v):
    if callable(v):
        raise shared.TemplateError("a function is no text")
    return js_number(v) if is_number(v) else python_to_str(v)


shared.to_str = render.to_str = builtins.to_str = to_str


def equal(a, b):
    if is_number(a) and is_number(b):
        return a == b
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(v, b[k]) for k, v in a.items())
    return a == b


def test_comparison_operands(op, left, right):
    if not (is_number(left) and is_number(right) or isinstance(left, str) and isinstance(right, str)):
        raise interpreter.infixExpectationError(op, "numbers/strings")


interpreter.test_comparison_operands = test_comparison_operands
python_binary = interpreter.Interpreter.visit_BinOp


def visit_BinOp(self, node):
    kind = node.token.kind
    if kind in ("==", "!="):
        return equal(self.visit(node.left), self.visit(node.right)) == (kind == "==")
    if kind == "in":
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(right, list):
            return any(equal(left, each) for each in right)
        if not isinstance(right, (dict, str)) or not isinstance(left, str):
            raise interpreter.InterpreterError("in")
        return left in right
    if kind == "**":
        exponent, base = self.visit(node.left), self.visit(node.right)
        if isinstance(base, int) and isinstance(exponent, int) and exponent > 0 and base.bit_length() * exponent > 100000:
            raise OverflowError("too large to wait for")
    return python_binary(self, node)


interpreter.Interpreter.visit_BinOp = visit_BinOp
python_access = interpreter.Interpreter.visit_ValueAccess


class Constant:
    """An expression that has been evaluated already."""

    def __init__(self, value):
        self.value = value

    def __bool__(self):
        return True


def visit_Constant(self, node):
    return node.value


interpreter.Interpreter.visit_Constant = visit_Constant


def whole(v):
    if isinstance(v, bool):
        raise shared.TemplateError("a boolean is no index")
    return int(v) if isinstance(v, float) and v.is_integer() else v


def visit_ValueAccess(self, node):
    value = self.visit(node.arr)
    ends = [Constant(whole(self.visit(end))) if end else None for end in (node.left, node.right)]
    changed = type(node)(node.token, Constant(value), node.isInterval, *ends)
    return python_access(self, changed)


interpreter.Interpreter.visit_ValueAccess = visit_ValueAccess


python_call = interpreter.Interpreter.visit_FunctionCall
members, functions = {}, {}


def visit_FunctionCall(self, node):
    name = getattr(getattr(node.name, "token", None), "value", None)
    if isinstance(node.name, AST.ContextValue) and name in functions and name in members and self.context.get(name) is members[name]:
        node = AST.FunctionCall(node.token, Constant(functions[name]), node.args)
    return python_call(self, node)


interpreter.Interpreter.visit_FunctionCall = visit_FunctionCall


def joined(v, separator):
    def text(e):
        if isinstance(e, dict) or callable(e):
            raise shared.TemplateError("join")
        return "" if e is None else joined(e, ",") if isinstance(e, list) else to_str(e)

    return separator.join(text(e) for e in v)


def join(context, *args):
    if len(args) != 2 or not isinstance(args[0], list) or not (is_number(args[1]) or isinstance(args[1], str)):
        raise builtins.BuiltinError("join")
    return joined(args[0], to_str(args[1]))


def number(context, *args):
    if len(args) != 1 or not isinstance(args[0], str) or not re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", args[0]):
        raise builtins.BuiltinError("number")
    return float(args[0])


def range_(context, *args):
    args = [whole(a) for a in args]
    if not 2 <= len(args) <= 3 or not all(isinstance(a, int) for a in args) or (len(args) == 3 and args[2] == 0):
        raise builtins.BuiltinError("range")
    return list(range(*args))


def split(context, *args):
    if len(args) != 2 or not isinstance(args[0], str) or not (is_number(args[1]) or isinstance(args[1], str)):
        raise builtins.BuiltinError("split")
    return args[0].split(to_str(args[1])) if args[1] != "" else list(args[0])


changed_builtins = {"join": join, "number": number, "range": range_, "split": split}
for function in changed_builtins.values():
    function._jsone_builtin = True
python_build = builtins.build


def json_operator(template, context):
    render.checkUndefinedProperties(template, [r"\$json"])
    value = render.renderValue(template["$json"], context)
    if render.containsFunctions(value):
        raise shared.TemplateError("function")

    write = json.encoder._make_iterencode(
        {}, None, json.encoder.encode_basestring, None, js_number, ":", ",", True, False, False)
    return "".join(write(value, 0))


def find(template, context):
    elements = render.renderValue(template["$find"], context)
    if not isinstance(elements, list):
        raise shared.TemplateError("$find")
    key = next(k for k in template if k.startswith("each("))
    names = [n.strip() for n in key[5:-1].split(",")]
    for index, element in enumerate(elements):
        if render.parse(template[key], dict(context, **dict(zip(names, (element, index))))):
            return element
    return render.DeleteMarker


def sort(template, context):
    value = render.renderValue(template["$sort"], context)
    if not isinstance(value, list):
        raise shared.TemplateError("$sort")
    keys = [k for k in template if k != "$sort"]
    sort_keys = value
    if keys:
        name = keys[0][3:-1]
        sort_keys = [render.parse(template[keys[0]], dict(context, **{name: e})) for e in value]
    if not (all(is_number(k) for k in sort_keys) or all(isinstance(k, str) for k in sort_keys)):
        raise shared.TemplateError("$sort")
    return [value[i] for i in sorted(range(len(value)), key=lambda i: sort_keys[i])]


render.operators.update({"$json": json_operator, "$find": find, "$sort": sort})


def main():
    global members
    functions.update(python_build(), **changed_builtins)
    for line in sys.stdin:
        pair = json.loads(line)
        try:
            members = pair["context"]
            context = dict({"now": NOW}, **functions)
            context.update(members)
            result = render.renderValue(pair["template"], context)
            if result is render.DeleteMarker:
                result = None
            if render.containsFunctions(result):
                raise shared.TemplateError("uncalled function")
            text = json.dumps({"result": result}, ensure_ascii=False, allow_nan=False)
        except Exception as fault:  # whatever the implementation raises is an error of the template
            text = json.dumps({"error": "{}: {}".format(type(fault).__name__, fault)[:200]}, ensure_ascii=False)
        sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
