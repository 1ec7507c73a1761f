package measure

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
)

const warmUp, measuring = 3, 5

type load struct {
	Ops float64
	Ns  float64
}

// UnderLoad measures a server in this process, while a program of load/ in another one asks of it what it can, and
// prints the time and the processor time that an operation takes.
func UnderLoad(name string, listener net.Listener) {
	port := listener.Addr().(*net.TCPAddr).Port
	runLoad(name, port, warmUp)
	before := processorNs()
	result := runLoad(name, port, measuring)
	used := processorNs() - before
	fmt.Printf("{\"ns_per_op\": %g, \"cpu_ns_per_op\": %g}\n", result.Ns/result.Ops, used/result.Ops)
}

// runLoad expects the folder of the comparison as working directory.
func runLoad(name string, port int, share float64) load {
	ms := share * float64(measuringTime().Milliseconds())
	output, err := exec.Command(os.Getenv("BENCH_NODE"), "load/"+name+".mjs", fmt.Sprint(port), fmt.Sprint(ms)).Output()
	if err != nil {
		panic(err)
	}
	var result load
	if err := json.Unmarshal(output, &result); err != nil {
		panic(err)
	}
	return result
}

func processorNs() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

// Listen listens at a free port of this machine.
func Listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}
