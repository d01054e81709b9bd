// Pages of materials: a chosen, dropped or photographed picture is made small enough for a slow link and stays legible, is sent with
// its progress shown, and its checksum is compared with what the window has kept. Without script a file is sent as it is.
import { refresh } from "COMMON";

// A4 at 2,000 pixels along its long side is 170 dots per inch: 6-point print stays legible.
const LONG_SIDE = 2000, QUALITY = 0.8;
const root = document.querySelector("[data-upload]");
const say = (form, text, state = "") => {
  let line = form.querySelector(".say");
  if (!line) { line = document.createElement("p"); line.className = "say"; line.setAttribute("role", "status"); form.append(line); }
  line.textContent = text; line.dataset.state = state;
};
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const kilobytes = (count) => count < 1e6 ? `${Math.ceil(count / 1000)} kB` : `${(count / 1e6).toFixed(1)} MB`;

/** Draws a picture no larger than is needed, turned by quarters. */
function draw(canvas, source, width, height, turns = 0) {
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  [canvas.width, canvas.height] = turns % 2 ? [h, w] : [w, h];
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(turns * Math.PI / 2);
  context.drawImage(source, -w / 2, -h / 2, w, h);
}

const jpeg = (canvas) => new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));

/** A picture as small as it may be; a file that is no picture, or small already, as it is. */
async function shrunk(file) {
  if (!file.type.startsWith("image/")) return file;
  let picture;
  // The camera's own mark of which side is up is followed here, and goes with where the photo was taken.
  try { picture = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { return file; }
  const canvas = document.createElement("canvas");
  draw(canvas, picture, picture.width, picture.height);
  const small = await jpeg(canvas);
  const isSmall = file.size <= small.size && Math.max(picture.width, picture.height) <= LONG_SIDE;
  return isSmall && ["image/jpeg", "image/png"].includes(file.type) ? file : small;
}

/** Sends a file with what its form says; tells how far it is. */
async function send(form, file, whole) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  try {
    say(form, "正在压缩…");
    const small = whole ? file : await shrunk(file);
    const bytes = await small.arrayBuffer();
    const hash = crypto.subtle ? hex(await crypto.subtle.digest("SHA-256", bytes)) : "";
    const fields = new FormData(form);
    // Each picture is a save of its own, also where the page has not changed since the last.
    fields.set("saveID", hex(crypto.getRandomValues(new Uint8Array(12))));
    fields.set("file", new File([bytes], "page", { type: small.type }));
    if (!await post(form, fields, small.size)) return;
    const slot = form.closest("section").id;
    document.activeElement?.blur();
    await refresh(location.pathname, { only: `#${slot}, #lacks` });
    const fresh = document.getElementById(slot);
    dress(fresh);
    const isKept = !hash || fresh.querySelector(`a[href$="${hash}"]`);
    const again = [...fresh.querySelectorAll("form[data-slot]")].find((other) => other.elements.page.value === form.elements.page.value);
    say(again, isKept ? `已保存 ${kilobytes(small.size)}，校验码 ${hash.slice(0, 12)} 一致` : "保存的内容与发送的不一致，请重新上传", isKept ? "good" : "bad");
    again.querySelector(".choose").focus();
  } catch (error) {
    say(form, "没有保存：本机程序没有答复，请重试", "bad");
  } finally { delete form.dataset.busy; }
}

function post(form, fields, size) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Fragment", "1");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) say(form, `正在保存 ${Math.round(event.loaded / event.total * 100)}%（${kilobytes(size)}）`);
    };
    request.onerror = failed;
    request.onload = () => {
      if (request.status === 401) { location.assign("/"); return done(false); }
      if (request.status < 300) return done(true);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      say(form, [...page.querySelectorAll("#problem > h1, #problem > p")].map((line) => line.textContent).join("：") || "没有保存", "bad");
      done(false);
    };
    request.send(fields);
  });
}

/** What a slot can do with script: choose and drop send at once, and there is a camera. */
function dress(part) {
  for (const form of part.querySelectorAll("form[data-slot]")) {
    if (form.dataset.dressed) continue;
    form.dataset.dressed = "1";
    form.querySelector(".send").hidden = true;
    form.elements.file.className = "unseen";
    form.elements.file.tabIndex = -1;
    const choose = form.querySelector(".choose");
    choose.hidden = false;
    choose.addEventListener("click", () => form.elements.file.click());
    form.elements.file.addEventListener("change", () => { const file = form.elements.file.files[0]; if (file) send(form, file); });
    const shoot = form.querySelector(".shoot");
    shoot.hidden = !navigator.mediaDevices?.getUserMedia;
    shoot.addEventListener("click", () => camera.open(form));
    const zone = form.closest("li");
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.dataset.drop = "1"; });
    zone.addEventListener("dragleave", () => delete zone.dataset.drop);
    zone.addEventListener("drop", (event) => {
      event.preventDefault(); delete zone.dataset.drop;
      const file = event.dataTransfer.files[0];
      if (file) send(form, file);
    });
  }
}

const camera = {
  dialog: document.getElementById("camera"), stream: null, form: null, turns: 0, isStill: false,
  video: document.getElementById("finder"), still: document.getElementById("still"),
  choice: document.getElementById("camera-choice"), line: document.getElementById("camera-say"),

  async open(form) {
    this.form = form; this.turns = 0;
    const part = form.closest("li").querySelector("b").textContent;
    document.getElementById("camera-title").textContent = `拍照：${form.closest("section").querySelector("h2").textContent} ${part}`;
    this.dialog.showModal();
    await this.start(localStorage.getItem("camera") ?? undefined);
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    this.choice.replaceChildren(...all.map((device, index) => new Option(device.label || `摄像头 ${index + 1}`, device.deviceId)));
    const present = this.stream?.getVideoTracks()[0]?.getSettings().deviceId;
    if (present) this.choice.value = present;
  },

  async start(device) {
    this.stop(); this.show(false);
    this.line.textContent = "正在打开摄像头…";
    const wish = { width: { ideal: 4096 }, height: { ideal: 3072 } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: device ? { ...wish, deviceId: { ideal: device } } : wish });
      this.video.srcObject = this.stream;
      await this.video.play();
      this.line.textContent = "把材料放平、放满画面，避免反光";
    } catch (error) {
      this.line.textContent = error.name === "NotAllowedError" ? "浏览器没有获准使用摄像头：请在地址栏左侧允许，或选择文件" : "没有可用的摄像头：请检查连接，或选择文件";
    }
  },

  stop() { this.stream?.getTracks().forEach((track) => track.stop()); this.stream = null; },

  show(isStill) {
    this.isStill = isStill;
    this.video.hidden = isStill; this.still.hidden = !isStill;
    for (const [id, isShown] of [["snap", !isStill], ["again", isStill], ["use", isStill]]) document.getElementById(id).hidden = !isShown;
  },

  async snap() {
    if (!this.video.videoWidth) return;
    this.picture = await createImageBitmap(this.video);
    this.turn(0);
    this.show(true);
    document.getElementById("use").focus();
  },

  async turn(by) {
    if (!this.picture) return;
    this.turns = (this.turns + by) % 4;
    draw(this.still, this.picture, this.picture.width, this.picture.height, this.turns);
    const blob = await jpeg(this.still);
    this.line.textContent = `${this.still.width}×${this.still.height}，${kilobytes(blob.size)}`;
  },

  async use() {
    const [form, blob] = [this.form, await jpeg(this.still)];
    this.dialog.close();
    await send(form, blob, true);
  },
};

if (root) {
  dress(root);
  if (camera.dialog) {
    const on = (id, act) => document.getElementById(id).addEventListener("click", act);
    on("snap", () => camera.snap()); on("turn", () => camera.turn(1)); on("use", () => camera.use());
    on("again", () => { camera.turns = 0; camera.picture = null; camera.show(false); document.getElementById("snap").focus(); });
    on("close", () => camera.dialog.close());
    camera.dialog.addEventListener("close", () => { camera.stop(); camera.picture = null; });
    camera.choice.addEventListener("change", () => { localStorage.setItem("camera", camera.choice.value); camera.start(camera.choice.value); });
    camera.dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.target.matches("select, button") && event.key !== "r") return;
      const act = { " ": () => camera.isStill || camera.snap(), r: () => camera.turn(1), Enter: () => camera.isStill && camera.use() }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
  }
}
