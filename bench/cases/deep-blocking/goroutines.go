package main

import (
	"greenlets-bench/measure"
	"runtime"
	"sync"
)

const depth, calls = 50, 1_000

func descend(depth int) int {
	if depth == 0 {
		runtime.Gosched()
		return 0
	}
	return descend(depth-1) + 1
}

func main() {
	measure.Measure(2*calls, func() {
		var both sync.WaitGroup
		both.Add(2)
		for i := 0; i < 2; i++ {
			go func() {
				for j := 0; j < calls; j++ {
					descend(depth)
				}
				both.Done()
			}()
		}
		both.Wait()
	})
}
