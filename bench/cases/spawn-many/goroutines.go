package main

import (
	"greenlets-bench/measure"
	"sync"
)

const spawns = 10_000

func main() {
	results := make([]int, spawns)
	measure.Measure(spawns, func() {
		var all sync.WaitGroup
		all.Add(spawns)
		for i := 0; i < spawns; i++ {
			go func(i int) {
				results[i] = i + 1
				all.Done()
			}(i)
		}
		all.Wait()
	})
}
