package main

import (
	"greenlets-bench/measure"
	"sync"
	"time"
)

const goroutines, sleeps = 10_000, 2

func main() {
	measure.Measure(goroutines*sleeps, func() {
		var all sync.WaitGroup
		all.Add(goroutines)
		for i := 0; i < goroutines; i++ {
			go func() {
				for j := 0; j < sleeps; j++ {
					time.Sleep(time.Millisecond)
				}
				all.Done()
			}()
		}
		all.Wait()
	})
}
