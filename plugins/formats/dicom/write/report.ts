/** DICOM SR by the template for measurements (PS3.16 TID 1500): a Comprehensive SR document. */
import { type Code, codeSequence, commonAttributes, encodeDicom, SOFTWARE } from "./file.ts";
import type { Attributes, Identity } from "./identity.ts";
import { newUid } from "./identity.ts";

/** A measured number. */
export interface Measurement {
  readonly name: Code;
  readonly value: number;
  /** In UCUM. */
  readonly unit: Code;
}

/** A finding that is a code. */
export interface Evaluation {
  readonly name: Code;
  readonly value: Code;
}

const SOP_CLASS = "1.2.840.10008.5.1.4.1.1.88.33";

/** Writes a report of one measured finding. */
export async function encodeReport(
  finding: Code,
  measurements: readonly Measurement[],
  evaluations: readonly Evaluation[],
  identity: Identity,
): Promise<Uint8Array<ArrayBuffer>> {
  const { reference } = identity;
  const group = [
    text("HAS OBS CONTEXT", ["112039", "DCM", "Tracking Identifier"], "Region 1"),
    uid("HAS OBS CONTEXT", ["112040", "DCM", "Tracking Unique Identifier"], newUid()),
    code("CONTAINS", ["121071", "DCM", "Finding"], finding),
    ...measurements.map(({ name, value, unit }) => number("CONTAINS", name, value, unit)),
    ...evaluations.map(({ name, value }) => code("CONTAINS", name, value)),
  ];
  return await encodeDicom({
    ...commonAttributes(SOP_CLASS, "SR", "Measurements", identity),
    ReferencedPerformedProcedureStepSequence: [],
    CompletionFlag: "COMPLETE",
    VerificationFlag: "UNVERIFIED",
    PerformedProcedureCodeSequence: [],
    ...(reference === undefined
      ? {}
      : { CurrentRequestedProcedureEvidenceSequence: [evidenceOf(reference, identity)] }),
    ValueType: "CONTAINER",
    ConceptNameCodeSequence: codeSequence(["126000", "DCM", "Imaging Measurement Report"]),
    ContinuityOfContent: "SEPARATE",
    ContentTemplateSequence: [{ MappingResource: "DCMR", TemplateIdentifier: "1500" }],
    ContentSequence: [
      {
        ...code("HAS CONCEPT MOD", ["121049", "DCM", "Language of Content Item and Descendants"], [
          "en",
          "RFC5646",
          "English",
        ]),
      },
      code("HAS OBS CONTEXT", ["121005", "DCM", "Observer Type"], ["121007", "DCM", "Device"]),
      uid("HAS OBS CONTEXT", ["121012", "DCM", "Device Observer UID"], newUid()),
      text("HAS OBS CONTEXT", ["121013", "DCM", "Device Observer Name"], `${SOFTWARE.name} ${SOFTWARE.version}`),
      code("HAS CONCEPT MOD", ["121058", "DCM", "Procedure reported"], ["363679005", "SCT", "Imaging procedure"]),
      container(["126010", "DCM", "Imaging Measurements"], [
        container(["125007", "DCM", "Measurement Group"], group, "1501"),
      ]),
    ],
  });
}

function evidenceOf(
  { series, sopClass, instances }: NonNullable<Identity["reference"]>,
  { attributes }: Identity,
): Attributes {
  return {
    StudyInstanceUID: attributes.StudyInstanceUID,
    ReferencedSeriesSequence: [{
      SeriesInstanceUID: series,
      ReferencedSOPSequence: instances.map((instance) => ({
        ReferencedSOPClassUID: sopClass,
        ReferencedSOPInstanceUID: instance,
      })),
    }],
  };
}

function item(relation: string, type: string, name: Code, rest: Attributes): Attributes {
  return { RelationshipType: relation, ValueType: type, ConceptNameCodeSequence: codeSequence(name), ...rest };
}

function container(name: Code, content: readonly Attributes[], template?: string): Attributes {
  return item("CONTAINS", "CONTAINER", name, {
    ContinuityOfContent: "SEPARATE",
    ...(template === undefined
      ? {}
      : { ContentTemplateSequence: [{ MappingResource: "DCMR", TemplateIdentifier: template }] }),
    ContentSequence: content,
  });
}

function code(relation: string, name: Code, value: Code): Attributes {
  return item(relation, "CODE", name, { ConceptCodeSequence: codeSequence(value) });
}

function text(relation: string, name: Code, value: string): Attributes {
  return item(relation, "TEXT", name, { TextValue: value });
}

function uid(relation: string, name: Code, value: string): Attributes {
  return item(relation, "UIDREF", name, { UID: value });
}

function number(relation: string, name: Code, value: number, unit: Code): Attributes {
  const shown = Number(value.toPrecision(9));
  return item(relation, "NUM", name, {
    MeasuredValueSequence: [{ NumericValue: shown, MeasurementUnitsCodeSequence: codeSequence(unit) }],
  });
}
