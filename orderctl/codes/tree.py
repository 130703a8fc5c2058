"""Findings about paths, file modes and identities."""

from __future__ import annotations

from orderctl.codes import writer
from orderctl.rule import Code

_WHY_ZH = "路径就是单据的身份：谁都能凭编号找到它，两份单据不会争用一个编号。"
_WHY_EN = "A path is a document's identity: anyone finds it by its number, and no two documents share one."

_code = writer(_WHY_ZH, _WHY_EN)

TREE_MODE = _code(
    "tree.mode",
    "不是普通文件（{what}）",
    "is not an ordinary file ({what})",
    "换成普通文件；可执行位用 chmod -x 去掉",
    "replace it by an ordinary file; take an executable bit away with chmod -x",
    "链接、管道、子模块和可执行文件会把检查引到仓库之外，或在别处变成另一份内容。",
    "Links, pipes, submodules and executables lead outside the repository or turn into other content elsewhere.",
)
TREE_UNREADABLE = _code(
    "tree.unreadable",
    "无法读取这个文件",
    "can't be read",
    "检查文件的所有者和权限（ls -l、chmod u+r），或换一份完好的；超过 64 MB 的文件门禁不读",
    "look at its owner and mode (ls -l, chmod u+r), or put a sound copy there; the gate reads no file above 64 MB",
    "读不到的单据谁也没检查过，所以不能算通过。",
    "Nobody has checked a document that can't be read, so it doesn't pass.",
)
TREE_LFS_POINTER = _code(
    "tree.lfs_pointer",
    "是 Git LFS 指针，不是文件本身",
    "is a Git LFS pointer, not the file itself",
    "提交文件本身；大文件放在 Git 之外并写明 SHA-256",
    "commit the file itself; keep large files outside Git and name their SHA-256",
    "指针不含证据，谁也不能用它核对签名或原件。",
    "A pointer holds no evidence: nobody can verify a signature or an original with it.",
)
LIMIT_FILE = _code(
    "limit.file",
    "文件有 {size} 字节，上限 {limit_mb} MB（{limit} 字节）",
    "has {size} bytes, the limit is {limit_mb} MB ({limit} bytes)",
    "扫描、拍照时用低一些的分辨率，或压缩后再提交；仍太大就存到 Git 之外，在单据中写明 SHA-256。"
    "上限在 policy/permissions.yaml 的 max_evidence_mb",
    "scan it with a lower resolution or compress it; what is still larger is kept outside Git, and the document names "
    "its SHA-256. The limit is max_evidence_mb in policy/permissions.yaml",
    "Git 永远保留每个版本：一个大文件会让此后每次克隆都变慢，删也删不掉。",
    "Git keeps every version for ever: one large file slows every clone from then on, and can't be taken out again.",
)
PATH_UNCLASSIFIED = _code(
    "path.unclassified",
    "文件放错了位置或取错了名字，这里没有哪一种单据",
    "lies where no kind of document belongs",
    "移动或改名为 {nearest}；各种单据的位置见 orderctl schemas list",
    "move or rename it, most likely to {nearest}; orderctl schemas list shows each kind's place",
    "放错位置或拼错文件名的单据不会被任何规则检查，所以不允许。",
    "A document in the wrong place or with a misspelt name would be judged by no rule, so it is refused.",
)
PATH_CHARSET = _code(
    "path.charset",
    "路径含有不允许的字符 {char}",
    "has a path with the character {char}, which is not allowed",
    "改名：只用可见的文字、数字、- _ .",
    "rename it: use visible letters, digits, - _ .",
)
PATH_RESERVED = _code(
    "path.reserved",
    "路径中的“{name}”在 Windows 上不能用作文件名",
    "has “{name}” in its path, which Windows can't store",
    "改名：不要用 con、nul、com1 等设备名，末尾不要有点或空格",
    "rename it: no names of devices such as con, nul or com1, no dot or space at the end",
    "有一个这样的文件，用 Windows 的同事就取不回整个仓库。",
    "One such file, and no colleague with Windows can check the repository out.",
)
PATH_LIMIT = _code(
    "path.limit",
    "路径太长或太深（{what} {size}，上限 {limit}）",
    "has a path that is too long or too deep ({what} {size}, limit {limit})",
    "用短一些的名字",
    "use shorter names",
)
PATH_COLLISION = _code(
    "path.collision",
    "与 {other} 只差大小写或字形，在别的电脑上是同一个文件",
    "differs from {other} in case or width only: one file on other computers",
    "改名或删除其中一个",
    "rename or delete one of them",
)
ID_PATH_MISMATCH = _code(
    "id.path_mismatch",
    "“{field}”是 {value}，路径说的是 {expected}",
    'says "{field}" is {value}, its path says {expected}',
    "两者改成一致：多半应写 {expected}",
    "make them equal: most likely write {expected}",
)
ID_DUPLICATE = _code(
    "id.duplicate",
    "{id} 已被 {other} 使用",
    "{id} is already used by {other}",
    "给其中一份换一个新编号；编号永不重复使用",
    "give one of them a new number; numbers are never used twice",
)

CODES = tuple(v for v in list(globals().values()) if isinstance(v, Code))
