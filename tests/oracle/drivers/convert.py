"""Converts forms with pyxform. One JSON object a line comes in, one goes out:
in  {"sheets": {name: [{header: cell}]}}
out {"xml": XForm, "warnings": [sentence]}, or {"error": why it is refused}
"""

import json
import sys

from pyxform.xls2xform import convert

for line in sys.stdin:
    asked = json.loads(line)
    try:
        made = convert(xlsform=asked["sheets"], validate=False, pretty_print=False, form_name="data")
        answer = {"xml": made.xform, "warnings": made.warnings}
    except Exception as fault:  # A form that makes pyxform fall over is refused, too.
        answer = {"error": f"{type(fault).__name__}: {fault}"}
    print(json.dumps(answer), flush=True)
