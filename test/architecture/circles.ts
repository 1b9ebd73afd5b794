import type { Source } from './imports.ts';

/**
 * Files that import each other, directly or by way of others, types included: each group by path, the groups by their first.
 * Who reads one of such files has to have read all of them.
 *
 * By Tarjan's search for strongly connected components (SIAM J. Comput. 1(2), 1972).
 */
export function findCircles(sources: readonly Source[]): string[][] {
  const targets = new Map(sources.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
  const order = new Map<string, number>();
  const waiting: string[] = [];
  const circles: string[][] = [];

  const visit = (path: string): number => {
    const own = order.size;
    order.set(path, own);
    waiting.push(path);
    let low = own;
    let isOfItself = false;
    for (const target of targets.get(path) ?? []) {
      isOfItself ||= target === path;
      if (!targets.has(target)) continue;
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (waiting.includes(target)) low = Math.min(low, order.get(target) ?? own);
    }
    if (low === own) {
      const circle = waiting.splice(waiting.indexOf(path));
      if (circle.length > 1 || isOfItself) circles.push(circle.sort());
    }
    return low;
  };
  for (const path of targets.keys()) if (!order.has(path)) visit(path);
  return circles.sort();
}
