/**
 * Maps items in their order with at most `limit` calls under way; the first rejection rejects the whole and starts no
 * further call.
 */
export async function mapBounded<In, Out>(
  items: readonly In[],
  limit: number,
  map: (item: In, index: number) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = Array.from({ length: items.length });
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await map(item, index);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  } catch (error) {
    for (const _ of rest) continue;
    throw error;
  }
  return results;
}
