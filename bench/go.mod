module greenlets-bench

go 1.19
