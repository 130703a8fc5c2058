# Sourced by ./try and ./test: finds Python, installs what the machine lacks, makes .venv. Changes nothing that is there.
# shellcheck shell=bash

set -euo pipefail
ROOT=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$ROOT"
VENV=$ROOT/.venv

# Output of Python tools stays readable whatever the locale; foreign Python settings must not leak into .venv.
export PYTHONUTF8=1
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV CONDA_PREFIX CDPATH
# Where pip downloads from is the user's choice; where and how it installs is ours.
while read -r name; do
  case $name in
    PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_FIND_LINKS | PIP_NO_INDEX | PIP_TRUSTED_HOST | PIP_CERT | PIP_CLIENT_CERT) ;;
    PIP_PROXY | PIP_TIMEOUT | PIP_DEFAULT_TIMEOUT | PIP_RETRIES | PIP_CACHE_DIR | PIP_NO_CACHE_DIR | PIP_CONFIG_FILE) ;;
    *) unset "$name" ;;
  esac
done < <(compgen -e PIP_ || true)

case ${ORDERCTL_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in zh*) CHINESE=1 ;; *) CHINESE=0 ;; esac

# say ENGLISH CHINESE: one line in the user's language.
say() { if [ "$CHINESE" = 1 ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi; }
fail() { say "$@" >&2; exit 1; }

find_python() {
  local name
  for name in "${ORDERCTL_PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then PYTHON=$name; return; fi
  done
  fail "Lacking: Python 3.11 or newer. Install it (Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv) or name one: ORDERCTL_PYTHON=/path/to/python3" \
       "缺少 Python 3.11 或更高版本。请先安装（Debian 12、Ubuntu 24.04 起：apt-get install python3 python3-venv），或指定：ORDERCTL_PYTHON=/path/to/python3"
}

# lacking PURPOSE: the Debian packages still missing, on one line.
lacking() { "$PYTHON" scripts/needs.py packages "$1"; }

# without WORD WORDS: the other words.
without() {
  local word rest=
  for word in $2; do [ "$word" = "$1" ] || rest+=${rest:+ }$word; done
  printf '%s' "$rest"
}

apt_install() {
  local -a as_root=("$@")
  local -a environment=(env DEBIAN_FRONTEND=noninteractive)
  local name
  for name in http_proxy https_proxy no_proxy; do
    [ -z "${!name:-}" ] || environment+=("$name=${!name}")
  done
  local -a apt=("${as_root[@]}" "${environment[@]}" apt-get -qq -o DPkg::Lock::Timeout=120)
  # The machine's package lists are tried first; they are absent on a fresh image and go stale on an old one.
  "${apt[@]}" install -y --no-install-recommends $PACKAGES >/dev/null 2>&1 ||
    { "${apt[@]}" update >/dev/null && "${apt[@]}" install -y --no-install-recommends $PACKAGES >/dev/null; }
}

# install_packages PURPOSE: Debian packages, through root or sudo; says in one line what it can't get.
install_packages() {
  PACKAGES=$(lacking "$1")
  [ -n "$PACKAGES" ] || return 0
  # A second Python from elsewhere has its own package for venv.
  case $PYTHON in python3.*) PACKAGES=${PACKAGES/python3-venv/$PYTHON-venv} ;; esac
  local ask_en="Lacking: $PACKAGES. Ask for: apt-get install $PACKAGES"
  local ask_zh="缺少：${PACKAGES}。请让管理员执行：apt-get install $PACKAGES"
  command -v apt-get >/dev/null || fail "$ask_en (Debian names; there is no apt-get here)" "${ask_zh}（Debian 包名；本机没有 apt-get）"
  if [ "$1" = test ] && [[ " $PACKAGES " == *" chromium "* ]] && ! has_candidate chromium; then
    # Ubuntu has Chromium only as a snap, which containers and many servers can't run.
    say "No Debian package of Chromium here: the browser tests are skipped until a 'chromium' is on the PATH." \
        "本机软件源没有 Chromium 软件包：PATH 中有 chromium 之前，浏览器测试将跳过。"
    PACKAGES=$(without chromium "$PACKAGES")
    [ -n "$PACKAGES" ] || return 0
  fi
  if [ "$(id -u)" = 0 ]; then
    say "Installing Debian packages: $PACKAGES" "正在安装 Debian 软件包：$PACKAGES"
    apt_install || fail "$ask_en (apt-get failed)" "${ask_zh}（apt-get 失败）"
  elif ! command -v sudo >/dev/null; then
    fail "$ask_en (neither root nor sudo here)" "${ask_zh}（当前不是 root，也没有 sudo）"
  elif sudo -n true 2>/dev/null || [ -t 0 ]; then
    say "Installing Debian packages with sudo (it may ask for your password): $PACKAGES" \
        "正在用 sudo 安装 Debian 软件包（可能需要输入密码）：$PACKAGES"
    apt_install sudo || fail "$ask_en (sudo apt-get failed)" "${ask_zh}（sudo apt-get 失败）"
  else
    fail "$ask_en (sudo wants a password and there is no terminal to ask)" "${ask_zh}（sudo 需要密码，而当前没有终端）"
  fi
  local rest
  rest=$(lacking "$1")
  rest=$(without chromium "$rest")
  [ -z "$rest" ] || fail "Still lacking after the installation: $rest" "安装后仍然缺少：$rest"
}

# has_candidate PACKAGE: can apt install it? Unknown lists count as yes: installing will tell.
has_candidate() {
  local policy
  policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null || true)
  [ -z "$(LC_ALL=C apt-cache policy python3 2>/dev/null || true)" ] || { [ -n "$policy" ] && [[ $policy != *"Candidate: (none)"* ]] && [[ $policy != *snap* ]]; }
}

# install_python EXTRAS: .venv with orderctl, editable. Nothing happens while pyproject.toml stays the same.
install_python() {
  local stamp=$VENV/.orderctl-${1//,/-} digest
  digest=$("$PYTHON" scripts/needs.py digest)
  # An install with more extras serves one with fewer.
  if [ -x "$VENV/bin/python" ] && grep -qsxF "$digest" "$stamp"*; then return; fi
  if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    say "Making $VENV" "正在创建 $VENV"
    "$PYTHON" -m venv --clear "$VENV" || fail "Lacking: a working venv module. Ask for: apt-get install python3-venv" "缺少可用的 venv 模块。请让管理员执行：apt-get install python3-venv"
  fi
  say "Installing Python packages ($1) into $VENV (a minute or two, once)" "正在向 $VENV 安装 Python 包（${1}），仅首次需要一两分钟"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-warn-script-location -e ".[$1]" ||
    fail "Python packages can't be installed: see pip's message above (no network? PIP_INDEX_URL names a mirror)." \
         "无法安装 Python 包：见上方 pip 提示（没有网络？可用 PIP_INDEX_URL 指定镜像）。"
  printf '%s\n' "$digest" >"$stamp"
}

find_python
