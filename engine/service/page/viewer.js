/** Slices and volume, drawn by NiiVue. */

// The service fetches this file from npm when it is asked for: it is none of the program's.
const { Niivue, NVImage } = await import(new URL("./niivue.js", import.meta.url).href);

/** Where the crosshair stands and what is there, in words: to the right, to the front and up are positive. */
function placeText(mm, [image, mask]) {
  const [x, y, z] = [...mm].map((one) => one.toFixed(1));
  const region = mask === undefined ? "" : `, ${mask.value > 0 ? "inside" : "outside"} the region`;
  return `x ${x}, y ${y}, z ${z} mm: ${Number(image.value.toPrecision(4))}${region}`;
}

/** A viewer on a canvas; `onPlace` is told where the crosshair stands. */
export async function openViewer(canvas, onPlace) {
  const viewer = new Niivue({
    backColor: [0, 0, 0, 1],
    show3Dcrosshair: true,
    // The mask is red.
    crosshairColor: [1, 0.85, 0.2, 1],
    crosshairWidth: 0.3,
    crosshairWidthUnit: "percent",
    isRadiologicalConvention: true,
    multiplanarShowRender: 1,
    logLevel: "error",
    onLocationChange: ({ mm, values }) => onPlace(placeText(mm, values)),
  });
  await viewer.attachToCanvas(canvas);
  const views = {
    axial: viewer.sliceTypeAxial,
    coronal: viewer.sliceTypeCoronal,
    sagittal: viewer.sliceTypeSagittal,
    multi: viewer.sliceTypeMultiplanar,
    render: viewer.sliceTypeRender,
  };
  return {
    /** Shows an image and, where there is one, the mask over it. Files of NIfTI. */
    async show(image, mask) {
      while (viewer.volumes.length > 0) viewer.removeVolume(viewer.volumes[0]);
      viewer.addVolume(await NVImage.loadFromFile({ file: image, name: "image.nii.gz", colormap: "gray" }));
      if (mask === undefined) return;
      const over = await NVImage.loadFromFile({ file: mask, name: "mask.nii.gz", colormap: "red", opacity: 0.5 });
      over.cal_min = 0.5;
      over.cal_max = 1;
      viewer.addVolume(over);
    },
    /** Changes how much of the mask is seen: 0 to 1. */
    setOverlay(opacity) {
      if (viewer.volumes.length > 1) viewer.setOpacity(1, opacity);
    },
    /** Changes what is seen. */
    setView(name) {
      viewer.setSliceType(views[name]);
    },
    /** Moves the crosshair to a slice, from 0. */
    setSlice(index) {
      const place = [...viewer.scene.crosshairPos];
      const [image] = viewer.volumes;
      const voxel = viewer.frac2vox(place);
      viewer.scene.crosshairPos = image.convertVox2Frac([voxel[0], voxel[1], index]);
      viewer.updateGLVolume();
      viewer.createOnLocationChange();
    },
    /** Number of slices, their size, and the values of one. */
    slices() {
      const [{ img, hdr }] = viewer.volumes;
      const [, width, height, depth] = hdr.dims;
      const size = width * height;
      const values = (index) => Float32Array.from(img.subarray(index * size, (index + 1) * size));
      return { depth: Math.max(1, depth), size: [height, width], values };
    },
  };
}
