// A channel with room for one is the semaphore of Go.
package main

import (
	"greenlets-bench/measure"
	"runtime"
	"sync"
)

const goroutines, turns = 10, 500

func main() {
	measure.Measure(goroutines*turns, func() {
		semaphore := make(chan struct{}, 1)
		var all sync.WaitGroup
		all.Add(goroutines)
		for i := 0; i < goroutines; i++ {
			go func() {
				for j := 0; j < turns; j++ {
					semaphore <- struct{}{}
					runtime.Gosched()
					<-semaphore
				}
				all.Done()
			}()
		}
		all.Wait()
	})
}
