/** Who an object is about: the patient of its source, where that is to be kept, else a pseudonym that is the same for all of a run. */
import type { Header, Json } from "../../../../engine/pipeline/mod.ts";

/** What an object says of its patient and study, as dcmjs names it. */
export type Attributes = Record<string, unknown>;

/** The identities of one object. */
export interface Identity {
  /** Attributes of the patient and study modules. */
  readonly attributes: Attributes;
  readonly frameOfReference: string;
  /** The source's series and instances by their UIDs; nothing where they are not to be named. */
  readonly reference?: { readonly series: string; readonly sopClass: string; readonly instances: readonly string[] };
}

/** Drawn anew by each process, so that no one can try known identifiers on the pseudonyms. */
const salt = crypto.getRandomValues(new Uint8Array(16)).toHex();

const KEPT: readonly (readonly [keyword: string, tag: string])[] = [
  ["PatientName", "00100010"],
  ["PatientID", "00100020"],
  ["PatientBirthDate", "00100030"],
  ["PatientSex", "00100040"],
  ["StudyInstanceUID", "0020000D"],
  ["StudyID", "00200010"],
  ["StudyDate", "00080020"],
  ["StudyTime", "00080030"],
  ["AccessionNumber", "00080050"],
  ["ReferringPhysicianName", "00080090"],
];

/** The identity for objects made of a case; `id` stands in where the source has no identifiers. */
export async function identityOf(header: Header | undefined, id: string, keep: boolean): Promise<Identity> {
  const value = (tag: string): string => textOf(header?.attributes?.[tag]);
  const study = value("0020000D") || `study of ${id}`;
  const frame = value("00200052");
  if (keep) {
    const attributes = Object.fromEntries(KEPT.map(([keyword, tag]) => [keyword, value(tag)]));
    const instances = header?.instances ?? [value("00080018")].filter((uid) => uid !== "");
    const [series, sopClass] = [value("0020000E"), value("00080016")];
    return {
      attributes: { ...attributes, StudyInstanceUID: value("0020000D") || await pseudonym(study) },
      frameOfReference: frame || await pseudonym(`frame of ${id}`),
      reference: series === "" || instances.length === 0 ? undefined : { series, sopClass, instances },
    };
  }
  const patient = value("00100020") || value("00100010") || id;
  return {
    attributes: {
      PatientName: "Anonymous",
      PatientID: `P${(await digest(`patient ${patient}`)).slice(0, 8)}`,
      PatientBirthDate: "",
      PatientSex: "",
      PatientIdentityRemoved: "YES",
      DeidentificationMethod: "Attributes of the source left out, new UIDs",
      StudyInstanceUID: await pseudonym(study),
      StudyID: "",
      StudyDate: "",
      StudyTime: "",
      AccessionNumber: "",
      ReferringPhysicianName: "",
    },
    frameOfReference: await pseudonym(frame || `frame of ${id}`),
  };
}

/** A UID that stands for another within this run: a UUID as PS3.5 B.2 turns it into one. */
export async function pseudonym(text: string): Promise<string> {
  return `2.25.${BigInt(`0x${(await digest(`uid ${text}`)).slice(0, 32)}`)}`;
}

/** A UID that no other object has. */
export function newUid(): string {
  return `2.25.${BigInt(`0x${crypto.randomUUID().replaceAll("-", "")}`)}`;
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${salt} ${text}`));
  return new Uint8Array(hash).toHex();
}

/** The first value of an attribute of the DICOM JSON Model. */
function textOf(attribute: Json | undefined): string {
  const [first] = ((attribute as { Value?: readonly Json[] } | undefined)?.Value ?? []) as readonly Json[];
  if (first === undefined || first === null) return "";
  return typeof first === "object" ? String((first as { Alphabetic?: string }).Alphabetic ?? "") : String(first);
}
