import { describe, expect, test } from "vitest";
import type { WarmOffer, WarmOrder, WarmWorkers } from "../../burst/warm-workers.ts";
import { newId } from "../../lib/id.ts";

export type MakeWarmWorkers = () => WarmWorkers | Promise<WarmWorkers>;

const NOW = Date.now();

function newOffer(change: Partial<WarmOffer> = {}): WarmOffer {
  return {
    worker: `arn:aws:ecs:eu-central-1:000000000000:task/zenode/${crypto.randomUUID()}`,
    cpu: 1024,
    memoryMb: 2048,
    taskDefinition: "zenode-worker:7",
    until: NOW + 60_000,
    number: 1,
    ...change,
  };
}

const newOrder = (): WarmOrder => ({ job: newId("task"), orderedAt: NOW });
const newTenant = () => `t-${crypto.randomUUID()}`;

/** What every WarmWorkers promises. Run it on the memory double and on each adapter. */
export function warmWorkersContract(name: string, make: MakeWarmWorkers): void {
  describe(`${name} as WarmWorkers`, () => {
    test("an offer comes back as it was made, to its own tenant only", async () => {
      const warm = await make();
      const [tenant, offer] = [newTenant(), newOffer()];
      await warm.offer(tenant, offer);
      expect(await warm.get(tenant, offer.worker)).toEqual(offer);
      expect(await warm.list(tenant)).toEqual([offer]);
      const other = newTenant();
      expect(await warm.get(other, offer.worker)).toBeUndefined();
      expect(await warm.list(other)).toEqual([]);
      expect(await warm.order(other, offer.worker, newOrder())).toBe(false);
      expect(await warm.close(other, offer.worker)).toBeUndefined();
      await warm.remove(other, offer.worker);
      expect(await warm.get(tenant, offer.worker)).toEqual(offer);
    });

    test("an order is given once; the same job again is the same order", async () => {
      const warm = await make();
      const [tenant, offer, order] = [newTenant(), newOffer(), newOrder()];
      await warm.offer(tenant, offer);
      expect(await warm.order(tenant, offer.worker, order)).toBe(true);
      const later = { ...order, orderedAt: NOW + 5 };
      expect(await warm.order(tenant, offer.worker, later)).toBe(true);
      expect(await warm.order(tenant, offer.worker, newOrder())).toBe(false);
      expect(await warm.get(tenant, offer.worker)).toEqual({ ...offer, order });
      expect(await warm.list(tenant)).toEqual([{ ...offer, order }]);
    });

    test("of orders that come at the same moment one is taken", async () => {
      const warm = await make();
      const [tenant, offer] = [newTenant(), newOffer()];
      await warm.offer(tenant, offer);
      const orders = Array.from({ length: 8 }, newOrder);
      const taken = await Promise.all(
        orders.map((order) => warm.order(tenant, offer.worker, order)),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect((await warm.get(tenant, offer.worker))?.order).toEqual(orders[taken.indexOf(true)]);
    });

    test.each([
      ["far enough ahead", 1001, true],
      ["too soon", 1000, false],
      ["over", -1, false],
    ])("an order to a worker whose time is %s", async (_, left, taken) => {
      const warm = await make();
      const [tenant, offer] = [newTenant(), newOffer({ until: NOW + left })];
      await warm.offer(tenant, offer);
      expect(await warm.order(tenant, offer.worker, newOrder())).toBe(taken);
    });

    test("nobody can order a worker that never offered itself, and none appears by it", async () => {
      const warm = await make();
      const [tenant, { worker }] = [newTenant(), newOffer()];
      expect(await warm.order(tenant, worker, newOrder())).toBe(false);
      expect(await warm.close(tenant, worker)).toBeUndefined();
      expect(await warm.list(tenant)).toEqual([]);
    });

    test("a worker withdraws once, and nobody can order it then", async () => {
      const warm = await make();
      const [tenant, offer] = [newTenant(), newOffer()];
      await warm.offer(tenant, offer);
      expect(await warm.withdraw(tenant, offer.worker)).toBeUndefined();
      expect(await warm.withdraw(tenant, offer.worker)).toBeUndefined();
      expect(await warm.order(tenant, offer.worker, newOrder())).toBe(false);
      expect(await warm.get(tenant, offer.worker)).toBeUndefined();
    });

    test("an order that came before the withdrawal is given to the worker, and kept", async () => {
      const warm = await make();
      const [tenant, offer, order] = [newTenant(), newOffer(), newOrder()];
      await warm.offer(tenant, offer);
      await warm.order(tenant, offer.worker, order);
      expect(await warm.withdraw(tenant, offer.worker)).toEqual(order);
      expect(await warm.get(tenant, offer.worker)).toEqual({ ...offer, order });
    });

    test("an order and a withdrawal at the same moment: either the worker has it or the launcher knows", async () => {
      const warm = await make();
      for (let round = 0; round < 10; round += 1) {
        const [tenant, offer, order] = [newTenant(), newOffer(), newOrder()];
        await warm.offer(tenant, offer);
        const [withdrawn, ordered] = await Promise.all([
          warm.withdraw(tenant, offer.worker),
          warm.order(tenant, offer.worker, order),
        ]);
        expect(withdrawn !== undefined).toBe(ordered);
      }
    });

    test("the next offer takes the carried-out order away; a repeat of an offer takes nothing", async () => {
      const warm = await make();
      const [tenant, first, order] = [newTenant(), newOffer(), newOrder()];
      await warm.offer(tenant, first);
      await warm.order(tenant, first.worker, order);
      await warm.offer(tenant, first);
      expect((await warm.get(tenant, first.worker))?.order).toEqual(order);
      const second = { ...first, number: 2, until: NOW + 90_000 };
      await warm.offer(tenant, second);
      expect(await warm.get(tenant, first.worker)).toEqual(second);
      const next = newOrder();
      expect(await warm.order(tenant, first.worker, next)).toBe(true);
      await warm.offer(tenant, second);
      expect((await warm.get(tenant, first.worker))?.order).toEqual(next);
    });

    test("a closed worker takes no order and keeps the one it had", async () => {
      const warm = await make();
      const [tenant, waiting, busy, order] = [newTenant(), newOffer(), newOffer(), newOrder()];
      await warm.offer(tenant, waiting);
      await warm.offer(tenant, busy);
      await warm.order(tenant, busy.worker, order);
      expect(await warm.close(tenant, waiting.worker)).toEqual({ ...waiting, until: 0 });
      expect(await warm.close(tenant, busy.worker)).toEqual({ ...busy, until: 0, order });
      expect(await warm.close(tenant, busy.worker)).toEqual({ ...busy, until: 0, order });
      expect(await warm.order(tenant, waiting.worker, newOrder())).toBe(false);
    });

    test("a removed worker is gone, whatever it held", async () => {
      const warm = await make();
      const [tenant, offer] = [newTenant(), newOffer()];
      await warm.offer(tenant, offer);
      await warm.order(tenant, offer.worker, newOrder());
      await warm.remove(tenant, offer.worker);
      await warm.remove(tenant, offer.worker);
      expect(await warm.list(tenant)).toEqual([]);
    });

    test("a tenant's workers are listed by name", async () => {
      const warm = await make();
      const [tenant, offers] = [newTenant(), [newOffer(), newOffer(), newOffer()]];
      for (const offer of offers) await warm.offer(tenant, offer);
      const names = offers.map(({ worker }) => worker).sort();
      expect((await warm.list(tenant)).map(({ worker }) => worker)).toEqual(names);
    });
  });
}
