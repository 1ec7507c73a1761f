package main

import (
	"greenlets-bench/measure"
	"runtime"
	"sync"
)

const goroutines, sleeps = 100, 500

func main() {
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
