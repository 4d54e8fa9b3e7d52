# program: fork one two
pipe info auxv | awk '/AT_(PHDR|PHENT|PAGESZ|CLKTCK|BASE|FLAGS|ENTRY|UID|EUID|GID|EGID|SECURE|RANDOM|EXECFN|PLATFORM|NULL)/ {print $1, $2}'
pipe info auxv | grep AT_EXECFN
pipe info auxv | grep AT_PAGESZ
