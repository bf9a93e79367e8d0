/**
 * In the place of a worker: every seed that ends in 3 falls, in one way or in another; 1000
 * falls, and is shrunk for ever.
 */
process.on('message', (seed: number) => {
  if (seed === 1_000) {
    const failure = { seed, violation: 'One', signature: 'One · not shrunk yet', script: '' };
    process.send?.({ fallen: { ...failure, message: 'seed 1000 falls' } });
    return;
  }
  const kind = seed % 20 < 10 ? 'One' : 'Other';
  const told = { violation: kind, signature: `${kind} · crash`, script: `seed ${seed}\n` };
  process.send?.(
    seed % 10 === 3
      ? { failure: { seed, ...told, message: `seed ${seed} falls` } }
      : { counts: { elections: 1, crashes: 2, messages: 3, appends: 4 } },
  );
});
