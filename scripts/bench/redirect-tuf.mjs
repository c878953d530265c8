// Preloaded into npm: what it asks of Sigstore's TUF repository is answered by BENCH_TUF, a base URL on loopback.
// Nothing else is touched, so that npm checks everything that it checks elsewhere.
import http from 'node:http';
import https from 'node:https';
import process from 'node:process';

const TUF_HOST = 'tuf-repo-cdn.sigstore.dev';
const { hostname, port, pathname } = new URL(process.env.BENCH_TUF);
const request = https.request;

https.request = (options, ...rest) => {
  if ((options.hostname ?? options.host) !== TUF_HOST) return request(options, ...rest);
  const { method, headers, path } = options;
  return http.request({ method, headers, hostname, port, path: `${pathname}${path}` }, ...rest);
};
