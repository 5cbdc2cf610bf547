//! The report to read and to sign.

use crate::domain::Time;

use super::{Commissioning, Mounted, Tested};

impl Commissioning {
    /// The report to read and to sign, in both languages.
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "# 安装交付报告 / Commissioning report: {} ({})\n\n{}\n\n{} {}\n",
            self.name,
            self.home,
            self.address,
            "生成时间 / made at",
            self.clock(self.made),
        );
        if !self.is_live {
            out.push_str("\n网关未运行：设备当前状态不明 / the hub does not run: how the devices are now is not known\n");
        }
        out.push_str("\n## 缺口 / Gaps\n\n");
        list(
            &mut out,
            self.gaps
                .iter()
                .map(|gap| format!("{} / {}\n  ({})", gap.text.zh, gap.text.en, gap.source)),
        );
        out.push_str("\n## 未通过走测 / Not walk-tested\n\n");
        list(&mut out, self.untested.iter().map(ToString::to_string));
        out.push_str("\n## 到期复测 / To be tried out again\n\n");
        list(&mut out, self.overdue.iter().map(ToString::to_string));
        out.push_str("\n## 设备 / Devices\n");
        for device in &self.devices {
            self.device(&mut out, device);
        }
        out
    }

    fn device(&self, out: &mut String, device: &Mounted) {
        out.push_str(&format!("\n### {}", device.id));
        if !device.room.is_empty() {
            out.push_str(&format!(" · {}", device.room));
        }
        out.push_str(&format!("\n\n{}\n\n", device.model));
        let said = |value: Option<f64>, unit: &str| value.map(|v| format!("{v}{unit}"));
        let fixed = match (device.mount, device.height) {
            (None, None) => None,
            (mount, height) => {
                let height = height.map(|cm| format!("{cm} cm"));
                Some(
                    [mount.map(str::to_owned), height]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join(", "),
                )
            }
        };
        let since = device.since.as_ref().map_or(String::new(), |s| format!(" ({s})"));
        let rows = [
            ("安装 / fixed", fixed),
            ("状态 / state", self.is_live.then(|| format!("{}{since}", device.state))),
            ("最近消息 / last heard", device.heard_at.clone()),
            ("电量 / battery", said(device.battery, " %")),
            ("信号 / signal", said(device.signal, " dBm")),
            ("链路 / link quality", said(device.link_quality, " / 255")),
            ("测试中至 / under test until", device.testing_until.clone()),
            ("走测 / walk test", Some(self.tested(device.test.as_ref()))),
        ];
        let rows = rows.into_iter().filter_map(|(what, said)| Some(format!("{what}: {}", said?)));
        let minds = device.limits.iter().map(|l| format!("注意 / mind: {} / {}", l.zh, l.en));
        list(out, rows.chain(minds));
    }

    fn tested(&self, test: Option<&Tested>) -> String {
        let Some(test) = test else { return "从未 / never".to_owned() };
        let (zh, en) = (test.finding.zh(), test.finding.name());
        let mut said = format!("{zh} / {en}, {}, {}", self.clock(test.at), test.by);
        if !test.missing.is_empty() {
            said.push_str(&format!("; 未见 / not seen: {}", test.missing.join(", ")));
        }
        for warning in &test.warnings {
            said.push_str(&format!("; {} / {}", warning.zh, warning.en));
        }
        said
    }

    fn clock(&self, at: Time) -> String {
        format!("{} {}", at.civil(&self.zone).date(), at.hour_minute(&self.zone))
    }
}

fn list(out: &mut String, lines: impl Iterator<Item = String>) {
    let before = out.len();
    for line in lines {
        out.push_str(&format!("- {line}\n"));
    }
    if out.len() == before {
        out.push_str("- 无 / none\n");
    }
}
