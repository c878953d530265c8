import type { Fault } from '../registry/faults.ts';
import type { Reply } from '../http/loopback-server.ts';

/** The services of a Sigstore instance, as faults strike them. */
export type SigstoreService = 'fulcio' | 'rekor' | 'rekor-v2' | 'tsa' | 'tuf' | 'oidc';

/** What can go wrong with any HTTP service, whatever it answers. */
export type ServiceFault = Extract<
  Fault,
  { type: 'garbage' | 'huge' | 'status' | 'redirect' | 'stall' | 'drip' | 'reset' | 'truncate' }
>;

/** Faults in force, by service. */
export interface ServiceFaults {
  /** Returns a function that ends the fault. */
  add(service: SigstoreService, fault: ServiceFault): () => void;
  of(pathname: string): readonly ServiceFault[];
}

export function createServiceFaults(): ServiceFaults {
  const active = new Set<{ readonly service: SigstoreService; readonly fault: ServiceFault }>();
  return {
    add(service, fault) {
      const entry = { service, fault };
      active.add(entry);
      return () => void active.delete(entry);
    },
    of(pathname) {
      const struck = [...active].filter(({ service }) => pathname.startsWith(`/${service}/`));
      return struck.map(({ fault }) => fault);
    },
  };
}

/** An answer after the faults of content among these; those of transport are for `deliver`. */
export function damageAnswer(reply: Reply, faults: readonly ServiceFault[]): Reply {
  return faults.reduce((damaged, fault): Reply => {
    if (fault.type === 'garbage') return { ...damaged, body: fault.body ?? '<!doctype html><title>Sign in</title>' };
    if (fault.type !== 'status') return damaged;
    return {
      status: fault.status,
      body: '{"error":"fault"}',
      contentType: 'application/json',
      headers: fault.headers ?? {},
    };
  }, reply);
}
