import Fiber from 'greenlets/fibers';
import Future from 'greenlets/fibers/future';

function pause(ms: number): InstanceType<typeof Future> {
  const future = new Future();
  setTimeout(() => future.return('rested'), ms);
  return future;
}

const counter = new Fiber((from: number) => {
  for (let n = from; ; n++) Fiber.yield(n);
});
console.log(counter.run(1), counter.run(), counter.run());

new Fiber(() => {
  console.log(pause(10).wait());
}).run();
