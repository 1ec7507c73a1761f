/** What holds on every database. */
import assert from 'node:assert/strict';
import { nursery } from 'greenlets';
import { test } from '../../../test/support/leaks.ts';
import type { Account, Transfer } from '../bank.ts';
import type { Database } from '../database.ts';
import { withService } from './client.ts';

export function testService(name: string, open: () => Database, skip: string | false = false): void {
  test(
    `${name}: money goes from one account to another`,
    () => {
      withService(open(), (client) => {
        const [ada, bob] = [client.open('Ada', 1000), client.open('Bob', 0)];
        const { status, body } = client.transfer(ada, bob, 300);
        assert.deepEqual([status, body.payer, body.payee, body.amount], [201, ada, bob, 300]);
        assert.deepEqual([client.balance(ada), client.balance(bob)], [700, 300]);
        assert.deepEqual(client.get<Transfer[]>(`/accounts/${bob}/transfers`).body, [body]);
        const accounts = client.get<Account[]>('/accounts').body;
        assert.ok(accounts.some(({ id, owner, balance }) => id === bob && owner === 'Bob' && balance === 300));
      });
    },
    skip,
  );

  test(
    `${name}: what cannot be done is refused, with the reason, and changes nothing`,
    () => {
      withService(open(), (client) => {
        const [ada, bob] = [client.open('Ada', 100), client.open('Bob', 0)];
        const nobody = '00000000-0000-4000-8000-000000000000';
        const refused: [status: number, reason: RegExp, answer: { status: number; body: { error?: string } }][] = [
          [409, /only 100 cents/, client.transfer(ada, bob, 101)],
          [404, /no account 0000/, client.transfer(ada, nobody, 1)],
          [422, /same/, client.transfer(ada, ada, 1)],
          [422, /amount/, client.transfer(ada, bob, -1)],
          [422, /owner/, client.post('/accounts', { owner: '' })],
          [400, /JSON/, client.post('/accounts', '{')],
          [404, /no account x/, client.get('/accounts/x')],
          [404, /no GET .nothing/, client.get('/nothing')],
        ];
        for (const [status, reason, answer] of refused) {
          assert.equal(answer.status, status);
          assert.match(answer.body.error ?? '', reason);
        }
        assert.deepEqual([client.balance(ada), client.balance(bob)], [100, 0]);
      });
    },
    skip,
  );

  test(
    `${name}: whatever is transferred at the same time, no cent is lost or made, and no account is overdrawn`,
    () => {
      withService(open(), (client) => {
        const accounts = [1, 2, 3].map((i) => client.open(`Account ${i}`, 100));
        const statuses: number[] = [];
        nursery((group) => {
          for (let i = 0; i < 15; i++) {
            const [payer, payee] = [accounts[i % 3] as string, accounts[(i + 1 + (i % 2)) % 3] as string];
            group.spawn(() => statuses.push(client.transfer(payer, payee, 40).status));
          }
        });
        const balances = accounts.map((id) => client.balance(id));
        assert.equal(
          balances.reduce((sum, balance) => sum + balance),
          300,
        );
        assert.ok(Math.min(...balances) >= 0);
        assert.ok(statuses.includes(201));
        assert.deepEqual(
          statuses.filter((status) => status !== 201 && status !== 409),
          [],
        );
      });
    },
    skip,
  );
}
