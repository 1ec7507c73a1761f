import { wait } from 'greenlets';

const rates = new Map([['EUR', fetchRate('EUR')]]);

function fetchRate(currency: string): Promise<number> {
  return new Promise((resolve) => setTimeout(resolve, 10, currency === 'EUR' ? 1.1 : 1));
}

/** A getter cannot be async; it can block. */
class Price {
  readonly amount = 20;
  get dollars(): number {
    return this.amount * wait(rates.get('EUR') as Promise<number>);
  }
  toJSON(): object {
    return { dollars: this.dollars };
  }
}

console.log(
  JSON.stringify([new Price()]),
  [new Price(), new Price()].map((price) => price.dollars),
);
