/** In the place of a worker: every seed that ends in 3 falls, in one way or in another. */
process.on('message', (seed: number) => {
  const kind = seed % 20 < 10 ? 'One' : 'Other';
  const told = { violation: kind, signature: `${kind} · crash`, script: `seed ${seed}\n` };
  process.send?.(
    seed % 10 === 3
      ? { find: { seed, ...told, message: `seed ${seed} falls` } }
      : { counts: { elections: 1, crashes: 2, messages: 3, appends: 4 } },
  );
});
