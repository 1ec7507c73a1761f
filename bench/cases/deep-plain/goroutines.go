package main

import (
	"greenlets-bench/measure"
	"runtime"
)

const depth, calls = 50, 10_000

var mustWait bool

func descend(depth int) int {
	if depth == 0 {
		if mustWait {
			runtime.Gosched()
		}
		return 0
	}
	return descend(depth-1) + 1
}

func main() {
	measure.Measure(calls, func() {
		for i := 0; i < calls; i++ {
			descend(depth)
		}
	})
}
