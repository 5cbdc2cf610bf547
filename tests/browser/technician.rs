//! What a technician does: power a sensor, find it, adopt it, try it out, and see that it passed before leaving.

use qrcode::{Color, QrCode};
use serde_json::json;

use crate::driver::Browser;
use crate::hub::Hub;

/// Takes a photo of a code that says this; of a white wall, if it says nothing.
async fn photograph(phone: &Browser, says: &str) {
    let code = QrCode::new(says).expect("a code");
    let (width, dark) = (code.width(), code.to_colors());
    let dark: Vec<bool> = dark.iter().map(|c| !says.is_empty() && *c == Color::Dark).collect();
    let script = "const [width, dark] = arguments, canvas = document.createElement('canvas'), to = arguments[2];
        canvas.width = canvas.height = 6 * (width + 8);
        const paint = canvas.getContext('2d'); paint.fillStyle = '#e8e4d8'; paint.fillRect(0, 0, canvas.width, canvas.width);
        paint.fillStyle = '#242020';
        dark.forEach((is, n) => is && paint.fillRect(6 * (n % width + 4), 6 * (Math.floor(n / width) + 4), 6, 6));
        canvas.toBlob((photo) => {
          const files = new DataTransfer(), scan = document.getElementById('scan');
          files.items.add(new File([photo], 'photo.png', { type: 'image/png' }));
          scan.files = files.files; scan.dispatchEvent(new Event('change', { bubbles: true })); to(true);
        });";
    phone.wait_for("#scan").await;
    phone.see_later(script, json!([width, dark])).await;
}

/// Has the page fetched and put in place once more, as when somebody comes back to it.
const READ_AGAIN: &str = "const readAgain = (then) => {
      document.querySelector('main h1').id = 'old';
      document.dispatchEvent(new Event('visibilitychange'));
      const wait = setInterval(() => { if (!document.getElementById('old')) { clearInterval(wait); then(true); } }, 20);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn a_sensor_that_speaks_is_adopted_tried_out_and_passes() {
    let hub = Hub::start().await;
    let wu = hub.phone_of("wu").await;
    wu.go(&hub.page("/mount")).await;
    wu.wait_for_text("Nothing. Power the device").await;
    let says = |wet: bool| {
        let said = format!(r#"{{"water_leak":{wet},"battery":97,"linkquality":120}}"#);
        hub.publish("zigbee2mqtt/0x00158d0001a2b3c4", &said);
    };
    says(false);
    // As it stands on the sticker; then the code beside it, with an install code after it.
    wu.go(&hub.page("/mount?find=0x00158D0001A2B3C4")).await;
    wu.wait_for("main details summary").await;
    wu.go(&hub.page("/mount?find=nothing+like+it")).await;
    wu.wait_for_text("Nothing. Power the device").await;
    photograph(&wu, "").await;
    wu.wait_for_text("No code could be read").await;
    // The page is read again whenever something happens: what it said stays, and a photo under way is not lost.
    wu.see_later(&format!("{READ_AGAIN} readAgain(arguments[0]);"), json!([])).await;
    wu.wait_for_text("No code could be read").await;
    let busy = "const real = fetch;
        window.fetch = async (to, ...how) => {
          const answer = await real(to, ...how);
          if (to.startsWith('/scan')) await new Promise(readAgain);
          return answer;
        };
        return true;";
    wu.see(&format!("{READ_AGAIN} {busy}"), json!([])).await;
    photograph(&wu, "Z:00158D0001A2B3C4$I:83FED3407A939723A5C639FF4C12").await;
    wu.tap("main details summary").await;
    wu.write("input[name='device']", "bath-leak").await;
    wu.write("input[name='room']", "bathroom").await;
    wu.tap("main details button.main").await;
    wu.wait_for_text("not seen yet").await;

    wu.tap("button[value='begin']").await;
    wu.wait_for_text("Under test").await;
    says(true);
    wu.wait_for_text("leak yes").await;
    says(false);
    wu.wait_for_text("passed").await;
    // The test raised no alarm; what it says now, does.
    wu.go(&hub.page("/")).await;
    wu.wait_for_text("Nothing is open").await;
    says(true);
    wu.wait_for_text("Water leak").await;
}
