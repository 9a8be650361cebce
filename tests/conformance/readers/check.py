"""Reads what write.ts wrote with nibabel, pydicom and dcmtk, and compares places: check.py FOLDER."""
import gzip
import json
import re
import subprocess
import sys

import nibabel
import numpy
import pydicom

folder = sys.argv[1]
truth = json.load(open(f"{folder}/truth.json"))
wanted = numpy.array(truth["centroidLps"])


def check(name, found):
    """One line a reader; ends with status 1 where a centroid is off."""
    error = float(numpy.abs(numpy.asarray(found) - wanted).max())
    print(f"{name}: centroid within {error:.6f} mm")
    if not error < 1e-3:
        sys.exit(1)


nifti = nibabel.load(f"{folder}/mask.nii.gz")
voxels = numpy.argwhere(numpy.asarray(nifti.dataobj) > 0)
for code, affine in [("sform", nifti.get_sform()), ("qform", nifti.get_qform())]:
    check(f"nibabel {code}", nibabel.affines.apply_affine(affine, voxels).mean(axis=0) * [-1, -1, 1])

head, data = open(f"{folder}/mask.nrrd", "rb").read().split(b"\n\n", 1)
fields = dict(line.split(": ", 1) for line in head.decode().split("\n")[1:])
vectors = [[float(x) for x in part.split(",")] for part in re.findall(r"\(([^)]*)\)", fields["space directions"])]
origin = [float(x) for x in fields["space origin"].strip("()").split(",")]
sizes = [int(x) for x in fields["sizes"].split()]
array = numpy.frombuffer(gzip.decompress(data), numpy.uint8).reshape(sizes[::-1])
check("NRRD by its definition", numpy.argwhere(array > 0)[:, ::-1].mean(axis=0) @ numpy.array(vectors) + origin)

seg = pydicom.dcmread(f"{folder}/segmentation.dcm")
frames = seg.pixel_array
shared = seg.SharedFunctionalGroupsSequence[0]
row, column = numpy.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
dy, dx = [float(mm) for mm in shared.PixelMeasuresSequence[0].PixelSpacing]
points = []
for frame, group in zip(frames, seg.PerFrameFunctionalGroupsSequence):
    corner = numpy.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
    points += [corner + x * dx * row + y * dy * column for y, x in numpy.argwhere(frame > 0)]
assert len(points) == truth["count"], len(points)
check("pydicom SEG", numpy.mean(points, axis=0))
pydicom.dcmread(f"{folder}/overlay.dcm").pixel_array

for command in (["dcmdump", "segmentation.dcm"], ["dcmdump", "overlay.dcm"], ["dcmdump", "report.dcm"], ["dsrdump", "report.dcm"]):
    done = subprocess.run([command[0], f"{folder}/{command[1]}"], capture_output=True, text=True)
    # dcmtk without a Unicode library checks no text of UTF-8, which says nothing of the file.
    lines = [line for line in done.stderr.split("\n") if "ISO_IR 192" not in line]
    problems = [line for line in lines if re.match("[EW]:", line)]
    print(f"{' '.join(command)}: status {done.returncode}, {len(problems)} problems", *problems, sep="\n  ")
    if done.returncode or problems:
        sys.exit(1)
