// Package measure is the stopwatch of one child process, as measure.mjs: a warm-up, then the median
// of one operation.
package measure

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"sort"
	"strconv"
	"time"
)

const leastSamples = 3

// Measure measures a body that does ops operations.
func Measure(ops int, body func()) {
	measuring := measuringTime()
	for began := time.Now(); time.Since(began) < measuring/2; {
		body()
	}
	samples := []float64{}
	for began := time.Now(); len(samples) < leastSamples || time.Since(began) < measuring; {
		lapBegan := time.Now()
		body()
		samples = append(samples, float64(time.Since(lapBegan).Nanoseconds()))
	}
	sort.Float64s(samples)
	fmt.Printf("{\"ns_per_op\": %g}\n", samples[len(samples)/2]/float64(ops))
}

// Occupied is the bytes of resident memory and page tables, after a garbage collection.
func Occupied() int {
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	sum := 0
	for _, field := range regexp.MustCompile(`(?:VmRSS|VmPTE):\s+(\d+)`).FindAllSubmatch(status, -1) {
		kilobytes, _ := strconv.Atoi(string(field[1]))
		sum += kilobytes * 1024
	}
	return sum
}

// Size is the size that the case is played at.
func Size() int {
	size, err := strconv.Atoi(os.Getenv("BENCH_SIZE"))
	if err != nil {
		panic(err)
	}
	return size
}

func measuringTime() time.Duration {
	if ms, err := strconv.ParseFloat(os.Getenv("BENCH_MS"), 64); err == nil {
		return time.Duration(ms * float64(time.Millisecond))
	}
	return 500 * time.Millisecond
}
