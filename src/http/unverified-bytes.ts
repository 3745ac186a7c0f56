/** One body in flight. */
export interface BodyTicket {
  /** Counts so many more bytes. Whoever holds most is evicted while the total is over the limit. */
  add(bytes: number): void;
  /** Gives the bytes back; again changes nothing. */
  close(): void;
}

export interface UnverifiedBytes {
  open(evict: () => void): BodyTicket;
  total(): number;
}

/**
 * Counts the bytes of all bodies whose signature is not yet checked. Over the limit the largest body goes, not the
 * newest: a flood of giants then cannot keep out a delivery of ordinary size.
 */
export function countUnverifiedBytes(limit: number): UnverifiedBytes {
  const bodies = new Map<BodyTicket, { bytes: number; evict: () => void }>();
  let held = 0;

  const evictLargest = () => {
    const [ticket, body] = [...bodies].reduce((most, next) => (next[1].bytes > most[1].bytes ? next : most));
    ticket.close();
    body.evict();
  };

  const open = (evict: () => void): BodyTicket => {
    const ticket: BodyTicket = {
      add: (bytes) => {
        const body = bodies.get(ticket);
        if (body === undefined) return;
        body.bytes += bytes;
        held += bytes;
        while (held > limit) evictLargest();
      },
      close: () => {
        held -= bodies.get(ticket)?.bytes ?? 0;
        bodies.delete(ticket);
      },
    };
    bodies.set(ticket, { bytes: 0, evict });
    return ticket;
  };
  return { open, total: () => held };
}
