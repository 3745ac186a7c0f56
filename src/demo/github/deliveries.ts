/** A webhook on its way to an App, before any attempt. */
export interface Parcel {
  readonly guid: string;
  readonly appId: number;
  readonly hookId: number;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly redelivery: boolean;
}

/** One attempt to hand a parcel over, as the delivery log shows it. */
export interface Delivery {
  readonly id: number;
  readonly parcel: Parcel;
  readonly deliveredAt: number;
  /** Seconds. */
  readonly duration: number;
  /** `OK`, or what went wrong. */
  readonly status: string;
  /** 0 if there was no answer. */
  readonly statusCode: number;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  readonly responseBody: string | null;
}

/** Which parcels a fault concerns; a field that is absent matches all. */
export interface ParcelMatch {
  readonly event?: string;
  readonly action?: string;
  readonly appId?: number;
}

export function matchesParcel(match: ParcelMatch, parcel: Parcel): boolean {
  return (
    (match.event === undefined || match.event === parcel.event) &&
    (match.action === undefined || match.action === parcel.action) &&
    (match.appId === undefined || match.appId === parcel.appId)
  );
}
