//! What a technician does: power a sensor, find it, adopt it, try it out, and see that it passed before leaving.

use crate::hub::Hub;

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
    // As it stands on the sticker.
    wu.go(&hub.page("/mount?find=0x00158D0001A2B3C4")).await;
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
