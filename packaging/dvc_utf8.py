"""Let DVC write its configuration as UTF-8.

DVC 3.67 gives every queued experiment a config.local with the path of the cache, which its library
`configobj` writes as ASCII: in a folder whose path has Hangul, each one would fail. Installed with
the packages and imported when Python starts (dvc_utf8.pth), this gives `configobj` another default.
"""

import configobj

_init = configobj.ConfigObj.__init__
_names = _init.__code__.co_varnames[1 : _init.__code__.co_argcount]
_init.__defaults__ = tuple(
    "utf-8" if name == "default_encoding" else value
    for name, value in zip(_names, _init.__defaults__, strict=True)
)
