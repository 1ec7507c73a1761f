package main

import (
	"greenlets-bench/measure"
	"runtime"
	"sync"
)

func main() {
	goroutines := measure.Size()
	sleeps := 50_000 / goroutines
	if sleeps < 10 {
		sleeps = 10
	}
	measure.Measure(goroutines*sleeps, func() {
		var all sync.WaitGroup
		all.Add(goroutines)
		for i := 0; i < goroutines; i++ {
			go func() {
				for j := 0; j < sleeps; j++ {
					runtime.Gosched()
				}
				all.Done()
			}()
		}
		all.Wait()
	})
}
