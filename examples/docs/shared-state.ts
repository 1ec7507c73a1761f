import { joinAll, noSwitch, sleep, spawn } from 'greenlets';
import { Lock } from 'greenlets/lock';

let balance = 100;

/** Wrong: what was read is old once sleep() returns. */
function withdrawWrongly(amount: number): void {
  const before = balance;
  sleep(1); // any call that blocks: a query, a request, a log line to a slow disk
  balance = before - amount;
}

/** Right without a lock: nothing blocks between reading and writing, and noSwitch() throws if that ever changes. */
function withdraw(amount: number): void {
  sleep(1);
  noSwitch(() => {
    balance -= amount;
  });
}

const account = new Lock();

/** Right where it has to block in between: one greenlet at a time. */
function withdrawLocked(amount: number): void {
  account.use(() => {
    const before = balance;
    sleep(1);
    balance = before - amount;
  });
}

for (const way of [withdrawWrongly, withdraw, withdrawLocked]) {
  balance = 100;
  joinAll([spawn(way, 10), spawn(way, 10)]);
  console.log(`${way.name}: ${balance}`);
}
