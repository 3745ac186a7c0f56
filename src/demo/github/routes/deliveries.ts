import { notFound, ok, pageWanted } from '../answers.ts';
import type { Answer, Call } from '../call.ts';
import type { Delivery } from '../deliveries.ts';
import { asApp, type Routes } from '../route.ts';
import { isoTime } from '../views/urls.ts';
import type { App } from '../world.ts';

export const deliveryRoutes: Routes = {
  'apps/list-webhook-deliveries': asApp(listDeliveries),
  'apps/get-webhook-delivery': asApp((call, app) => {
    const delivery = deliveryNamed(call, app);
    return delivery ? ok(deliveryView(delivery)) : notFound();
  }),
  'apps/redeliver-webhook-delivery': asApp((call, app) => {
    const delivery = deliveryNamed(call, app);
    if (!delivery) return notFound();
    // The GUID stays, the number is a new one (docs: redelivering webhooks).
    call.world.outbox.post({ ...delivery.parcel, redelivery: true });
    return { status: 202, body: {} };
  }),
};

// Three days (docs: redelivering webhooks).
const retention = 3 * 86_400_000;

function keptDeliveries({ world }: Call, app: App): Delivery[] {
  return world.outbox.deliveries(app.id).filter(({ deliveredAt }) => deliveredAt > world.now() - retention);
}

function deliveryNamed(call: Call, app: App): Delivery | undefined {
  return keptDeliveries(call, app).find(({ id }) => id === Number(call.params.delivery_id));
}

// Pages by cursor, newest first: the cursor is the id of the last one seen.
function listDeliveries(call: Call, app: App): Answer {
  const { query, address } = call;
  const cursor = Number(query.get('cursor') ?? Number.POSITIVE_INFINITY);
  const status = query.get('status');
  const { size } = pageWanted(call);
  const all = keptDeliveries(call, app)
    .filter(({ id }) => id < cursor)
    .filter((delivery) => status === null || (delivery.status === 'OK') === (status === 'success'));
  const shown = all.slice(0, size);
  const last = shown.at(-1);
  if (!last || all.length <= size) return ok(shown.map(deliveryItemView));
  const next = new URL(address);
  next.searchParams.set('cursor', String(last.id));
  return ok(shown.map(deliveryItemView), { Link: `<${next}>; rel="next"` });
}

/** GitHub's `hook-delivery-item`. */
function deliveryItemView({ id, parcel, deliveredAt, duration, status, statusCode }: Delivery) {
  return {
    id,
    guid: parcel.guid,
    delivered_at: isoTime(deliveredAt),
    redelivery: parcel.redelivery,
    duration,
    status,
    status_code: statusCode,
    event: parcel.event,
    action: parcel.action,
    installation_id: parcel.installationId,
    repository_id: parcel.repositoryId,
    throttled_at: null,
  };
}

/** GitHub's `hook-delivery`. */
function deliveryView(delivery: Delivery) {
  return {
    ...deliveryItemView(delivery),
    url: delivery.url,
    request: { headers: delivery.requestHeaders, payload: delivery.parcel.payload },
    response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
  };
}
