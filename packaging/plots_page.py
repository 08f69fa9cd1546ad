"""Print .dvc/plots.html: the page of `dvc plots show`, with Vega in it in place of a CDN's.

DVC's own page loads Vega, Vega-Lite and Vega-Embed from the web and is empty without it. The
package vl-convert-python holds all three as one script, which the report has in it as well. Started
by `make lock`, for another vl-convert may hold another script; .dvc/config names the page
(`plots.html_template`).
"""

from importlib.metadata import version
from pathlib import Path

import vl_convert

VEGA_LITE = "6.4"
LICENSES = Path("packaging/vega_licenses.txt")
PAGE = """\
<!DOCTYPE html>
<html lang="ko">
<!--
Made by packaging/plots_page.py from vl-convert-python {package}.

{licenses}-->
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
{{refresh_tag}}
<title>yoyak: dvc plots</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 1rem; overflow-x: auto; }}
table {{ border-spacing: 15px; }}
</style>
<script>{vega}</script>
</head>
<body>
{{plot_divs}}
</body>
</html>
"""


def main() -> None:
    vega = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
    for end in ("</script", "<!--", "{plot_divs}", "{scripts}", "{refresh_tag}"):
        if end in vega:
            raise ValueError(f"this Vega has {end} in it and cannot stand in the page")
    licenses = LICENSES.read_text(encoding="utf-8")
    package = version("vl-convert-python")
    print(PAGE.format(package=package, licenses=licenses, vega=vega), end="")


main()
