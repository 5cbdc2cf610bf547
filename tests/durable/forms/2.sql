CREATE TABLE journal (
    seq   INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    home  TEXT    NOT NULL,
    input TEXT    NOT NULL
) STRICT;
CREATE TABLE saved (
    home  TEXT    PRIMARY KEY,
    seq   INTEGER NOT NULL,
    form  INTEGER NOT NULL,
    state TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE base (
    home  TEXT    PRIMARY KEY,
    seq   INTEGER NOT NULL,
    form  INTEGER NOT NULL,
    state TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE book (
    digest TEXT PRIMARY KEY,
    rules  TEXT NOT NULL,
    plans  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE incident (
    home        TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    level       INTEGER NOT NULL,
    stage       TEXT    NOT NULL,
    detected_at INTEGER NOT NULL,
    alarmed_at  INTEGER,
    due_at      INTEGER,
    closed_at   INTEGER,
    outcome     TEXT,
    incident    TEXT    NOT NULL,
    PRIMARY KEY (home, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_open ON incident (detected_at) WHERE closed_at IS NULL;
CREATE INDEX incident_when ON incident (detected_at);
CREATE TABLE entry (
    id    INTEGER PRIMARY KEY,
    home  TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    entry TEXT    NOT NULL,
    hash  TEXT    NOT NULL
) STRICT;
CREATE INDEX entry_incident ON entry (home, n, id);
CREATE TABLE delivery (
    home     TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    k        INTEGER NOT NULL,
    level    INTEGER NOT NULL,
    person   TEXT,
    channel  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    purpose  TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    line     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at  INTEGER,
    said     TEXT,
    said_at  INTEGER,
    PRIMARY KEY (home, n, k)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_waiting ON delivery (level DESC, next_at) WHERE next_at IS NOT NULL;
CREATE TABLE strange (
    origin   TEXT    PRIMARY KEY,
    device   TEXT,
    count    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    samples  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE session (client TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE queued (
    client  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    topic   TEXT    NOT NULL,
    payload BLOB    NOT NULL,
    qos     INTEGER NOT NULL,
    retain  INTEGER NOT NULL,
    PRIMARY KEY (client, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE taken (
    client TEXT    NOT NULL,
    packet INTEGER NOT NULL,
    PRIMARY KEY (client, packet)
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE announced (
    key     TEXT    PRIMARY KEY,
    last_at INTEGER NOT NULL,
    device  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE walk (
    home     TEXT    NOT NULL,
    device   TEXT    NOT NULL,
    ended_at INTEGER NOT NULL,
    result   TEXT    NOT NULL,
    PRIMARY KEY (home, device)
) STRICT, WITHOUT ROWID;
CREATE TABLE misread (
    home    TEXT    NOT NULL,
    device  TEXT    NOT NULL,
    class   TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (home, device, class)
) STRICT, WITHOUT ROWID;
INSERT INTO journal VALUES (8,1768461000000,'h1','{"t":"tick"}');
INSERT INTO journal VALUES (9,1768461000000,'h2','{"t":"tick"}');
INSERT INTO journal VALUES (10,1768461000000,'h1','{"t":"heard","device":"bed-pad","o":[{"p":"in_bed","v":true}]}');
INSERT INTO saved VALUES ('h1',8,1,'{"now":1768461000000,"offset":0,"listening":1768461000000,"home":{"id":"h1","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"ask":[{"channel":"radio","to":"h1"}]},"rules":"84e2bfdc69b12324","situation":{"devices":{"bed-pad":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"help","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-leak":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"leak","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"watches":[{"rule":"help","standing":1768460400000,"incident":1},{"rule":"fall"},{"rule":"smoke"},{"rule":"gas"},{"rule":"carbon-monoxide"},{"rule":"leak","standing":1768460400000,"incident":2},{"rule":"heart-rate"},{"rule":"breathing"},{"rule":"oxygen"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"no-activity"},{"rule":"cold-or-hot"},{"rule":"device-quiet","device":"fall-radar","wake":1768461180000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"hub-fault"}],"incidents":{"1":{"n":1,"rule":"help","title":{"zh":"紧急呼救","en":"Call for help"},"level":"urgent","plan":"urgent","needs":{"on_scene":true,"verified":true},"stage":"alarmed","reason":{"why":"seen","device":"help-button","property":"help"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461060000,"rung":3,"ladder_from":1768460400000,"accepted":null,"answered":null,"on_scene":null,"resolved":null,"signs":1,"told":[{"k":1,"to":"daughter","contact":0,"rung":0,"lost":true},{"k":2,"to":"wang","contact":0,"rung":0,"lost":false},{"k":3,"to":"zhao","contact":0,"rung":1,"lost":false},{"k":4,"to":"li","contact":0,"rung":2,"lost":false},{"k":5,"to":"chen","contact":0,"rung":3,"lost":false}],"deliveries":5},"2":{"n":2,"rule":"leak","title":{"zh":"水浸","en":"Water leak"},"level":"serious","plan":"grid","needs":{"on_scene":true,"verified":true},"stage":"accepted","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461300000,"rung":0,"ladder_from":1768460400000,"accepted":["wang",1768460400000],"answered":1768460400000,"on_scene":null,"resolved":null,"signs":1,"told":[],"deliveries":2}},"last_incident":2}');
INSERT INTO saved VALUES ('h2',9,1,'{"now":1768461000000,"offset":0,"listening":1768461000000,"home":{"id":"h2","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"ask":[{"channel":"radio","to":"h1"}]},"rules":"84e2bfdc69b12324","situation":{"devices":{"bed-pad":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"temperature","value":21.7,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-leak":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"watches":[{"rule":"help"},{"rule":"fall"},{"rule":"smoke"},{"rule":"gas"},{"rule":"carbon-monoxide"},{"rule":"leak"},{"rule":"heart-rate"},{"rule":"breathing"},{"rule":"oxygen"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"no-activity"},{"rule":"cold-or-hot","wake":1768471200001},{"rule":"device-quiet","device":"fall-radar","wake":1768461180000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"hub-fault"}],"incidents":{},"last_incident":0}');
INSERT INTO base VALUES ('h1',7,1,'{"now":1768460400000,"offset":0,"listening":null,"home":{"id":"h1","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"ask":[{"channel":"radio","to":"h1"}]},"rules":"84e2bfdc69b12324","situation":{"devices":{"bed-pad":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"help","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-leak":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"leak","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"watches":[{"rule":"help","standing":1768460400000,"incident":1},{"rule":"fall"},{"rule":"smoke"},{"rule":"gas"},{"rule":"carbon-monoxide"},{"rule":"leak","standing":1768460400000,"incident":2},{"rule":"heart-rate"},{"rule":"breathing"},{"rule":"oxygen"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"no-activity"},{"rule":"cold-or-hot"},{"rule":"device-quiet","device":"fall-radar","wake":1768460580000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"hub-fault"}],"incidents":{"1":{"n":1,"rule":"help","title":{"zh":"紧急呼救","en":"Call for help"},"level":"urgent","plan":"urgent","needs":{"on_scene":true,"verified":true},"stage":"alarmed","reason":{"why":"seen","device":"help-button","property":"help"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768460460000,"rung":0,"ladder_from":1768460400000,"accepted":null,"answered":null,"on_scene":null,"resolved":null,"signs":1,"told":[{"k":1,"to":"daughter","contact":0,"rung":0,"lost":true},{"k":2,"to":"wang","contact":0,"rung":0,"lost":false}],"deliveries":2},"2":{"n":2,"rule":"leak","title":{"zh":"水浸","en":"Water leak"},"level":"serious","plan":"grid","needs":{"on_scene":true,"verified":true},"stage":"accepted","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461300000,"rung":0,"ladder_from":1768460400000,"accepted":["wang",1768460400000],"answered":1768460400000,"on_scene":null,"resolved":null,"signs":1,"told":[],"deliveries":2}},"last_incident":2}');
INSERT INTO base VALUES ('h2',3,1,'{"now":1768460400000,"offset":0,"listening":null,"home":{"id":"h2","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"ask":[{"channel":"radio","to":"h1"}]},"rules":"84e2bfdc69b12324","situation":{"devices":{"bed-pad":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"temperature","value":21.7,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-leak":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"watches":[{"rule":"help"},{"rule":"fall"},{"rule":"smoke"},{"rule":"gas"},{"rule":"carbon-monoxide"},{"rule":"leak"},{"rule":"heart-rate"},{"rule":"breathing"},{"rule":"oxygen"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"no-activity"},{"rule":"cold-or-hot","wake":1768471200001},{"rule":"device-quiet","device":"fall-radar","wake":1768460580000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"hub-fault"}],"incidents":{},"last_incident":0}');
INSERT INTO book VALUES ('84e2bfdc69b12324','# What careloop looks for. Each rule has the mission''s four parts:
#
#   [rule.detect]  one kind of judge, and how long it must hold (`for`; an emergency has none: it is
#                  believed at once, and though the sensor takes back its word only people end it)
#   [rule.warn]    optional: ask the resident, `after` the condition began; a press of any plain
#                  button in the home cancels, and is recorded; if the condition goes on, it counts
#                  anew `again_after` that
#   [rule.alarm]   `after` the condition began (left out: as soon as detected), by which `plan`
#   [rule.close]   what closing needs; closed while the condition goes on, it alarms again after
#                  `again_after`
#
# These are presets, not medical advice. Every number can be changed, and where it comes from is
# said beside it.
#
# Kinds: emergency { of }, absence { of, between }, inactivity { of, between },
# threshold { of, above, below, deadband, fresh }, supervision { of = "quiet" | "battery", below }.
# Levels: info 提示, normal 一般, serious 严重, urgent 紧急.

# ---------------------------------------------------------------------------------------- safety

[[rule]]
name  = "help"
title = { zh = "紧急呼救", en = "Call for help" }
level = "urgent"
[rule.detect]
emergency = { of = ["help"] }
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

# A radar''s own confirmation has already passed when it says `fall`; the home asks for 30 s more
# (Apple Watch: 30 s countdown; Vayyar Care: 52 s + 40 s), so that sitting down hard can be cancelled.
[[rule]]
name  = "fall"
title = { zh = "疑似跌倒", en = "Possible fall" }
level = "urgent"
[rule.detect]
emergency = { of = ["fall"] }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "10m"
[rule.alarm]
after = "30s"
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

# Smoke, gas and carbon monoxide are never cancelled from a distance.
[[rule]]
name  = "smoke"
title = { zh = "烟雾报警", en = "Smoke" }
level = "urgent"
[rule.detect]
emergency = { of = ["smoke"] }
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name  = "gas"
title = { zh = "燃气泄漏", en = "Gas" }
level = "urgent"
[rule.detect]
emergency = { of = ["gas"] }
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name  = "carbon-monoxide"
title = { zh = "一氧化碳", en = "Carbon monoxide" }
level = "urgent"
[rule.detect]
emergency = { of = ["carbon_monoxide"] }
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name  = "leak"
title = { zh = "水浸", en = "Water leak" }
level = "serious"
[rule.detect]
emergency = { of = ["leak"] }
[rule.alarm]
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

# ----------------------------------------------------------------------------------- vital signs
# Limits: owlRD level 1 (60 s) and the NEWS2 single-parameter 3 for SpO2 (Royal College of Physicians).

[[rule]]
name  = "heart-rate"
title = { zh = "心率异常", en = "Heart rate" }
level = "serious"
[rule.detect]
threshold = { of = "heart_rate", above = 115, below = 45, deadband = 5, fresh = "3m" }
for = "60s"
[rule.warn]
after = "60s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "2m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

[[rule]]
name  = "breathing"
title = { zh = "呼吸异常", en = "Breathing rate" }
level = "serious"
[rule.detect]
threshold = { of = "respiratory_rate", above = 26, below = 8, deadband = 2, fresh = "3m" }
for = "60s"
[rule.warn]
after = "60s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "2m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

[[rule]]
name  = "oxygen"
title = { zh = "血氧过低", en = "Low blood oxygen" }
level = "serious"
[rule.detect]
threshold = { of = "spo2", below = 92, deadband = 2, fresh = "3m" }
for = "60s"
[rule.warn]
after = "60s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "3m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

# -------------------------------------------------------------------------------------- activity

# Off bed for more than 30 minutes between 22:00 and 06:00 (several Chinese projects; GrandCare: 45 min).
[[rule]]
name  = "night-bed-exit"
title = { zh = "夜间离床未归", en = "Out of bed at night" }
level = "serious"
[rule.detect]
absence = { of = "in_bed", between = "22:00-06:00" }
for = "10m"
[rule.warn]
after = "20m"               # a visit to the bathroom takes less
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "30m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "8h"          # the rest of the night: somebody has looked

# No sign of life for 12 hours while the sensors are alive (Zhenru, Shanghai).
[[rule]]
name  = "no-activity"
title = { zh = "长时间无活动", en = "No activity" }
level = "serious"
[rule.detect]
inactivity = { of = ["motion", "presence", "open", "in_bed", "press"] }
for = "11h"
[rule.warn]
after = "11h"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "12h"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "4h"

# ----------------------------------------------------------------------------------- environment

# Indoor cold and heat: below 18 °C (WHO Housing and health guidelines 2018), above 30 °C.
[[rule]]
name  = "cold-or-hot"
title = { zh = "室温异常", en = "Room too cold or too hot" }
level = "normal"
[rule.detect]
threshold = { of = "temperature", above = 30, below = 16, deadband = 1, fresh = "3h" }
for = "2h"
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "12h"

# ------------------------------------------------------------------------------------- equipment

[[rule]]
name  = "device-quiet"
title = { zh = "设备离线", en = "Device gone quiet" }
level = "info"
[rule.detect]
supervision = { of = "quiet" }
for = "5m"                  # a restart of the router takes less
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "2d"

[[rule]]
name  = "battery-low"
title = { zh = "设备低电量", en = "Battery low" }
level = "info"
[rule.detect]
supervision = { of = "battery", below = 15 }
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "7d"

# The hub itself: disk, database, clock, broker, channel.
[[rule]]
name  = "hub-fault"
title = { zh = "网关故障", en = "Hub fault" }
level = "normal"
[rule.detect]
emergency = { of = ["fault"] }
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "24h"
','# Who is told, in what order, and how long each may take.
#
# A rung tells everybody of its roles at once, `after` the alarm was raised. The last rung repeats
# until a human being answers: there is no plan that gives up. A rung that cannot be reached, or
# that nobody holds, is climbed past at once.
#
# Roles: family, micro-grid, grid, community, street, department, technician, supervisor.
# `arrive_within`  accepted and nobody there for longer: the ladder goes on.
# `resolve_within` somebody there and no outcome for longer: the next rung is told.
# `verify_within`  an outcome and no second person for longer: the next rung is told.
#
# Numbers: a responder should be there within 15 minutes in a city (Xiamen, Ganzhou home-care beds);
# 97.5 % of alarms answered within 60 s (TSA/TEC Quality), hence a rung a minute for urgent ones.

# Help, fall, smoke, gas: minutes count.
[[plan]]
name = "urgent"
rungs = [
  { tell = ["family", "micro-grid"], after = "0s" },
  { tell = ["grid"],                 after = "60s" },
  { tell = ["community"],            after = "2m" },
  { tell = ["street"],               after = "4m", repeat = "60s" },
]
arrive_within  = "15m"
resolve_within = "2h"
verify_within  = "24h"

# Out of bed at night, no activity, vital signs: somebody should look soon.
[[plan]]
name = "grid"
rungs = [
  { tell = ["family", "micro-grid"], after = "0s" },
  { tell = ["grid"],                 after = "60s" },
  { tell = ["community"],            after = "3m" },
  { tell = ["street"],               after = "5m", repeat = "60s" },
]
arrive_within  = "15m"
resolve_within = "4h"
verify_within  = "24h"

# A cold room: not tonight''s emergency. Nobody is called every minute for it.
[[plan]]
name = "soon"
rungs = [
  { tell = ["family", "micro-grid"], after = "0s" },
  { tell = ["grid"],                 after = "30m" },
  { tell = ["community"],            after = "2h", repeat = "2h" },
]
arrive_within  = "4h"
resolve_within = "24h"
verify_within  = "2d"

# A device in trouble: working hours will do. A life-safety device that stays down for more than two
# hours wants a substitute (JGJ/T 484-2019).
[[plan]]
name = "technical"
rungs = [
  { tell = ["technician"], after = "0s" },
  { tell = ["community"],  after = "2h", repeat = "24h" },
]
arrive_within  = "2d"
resolve_within = "2d"
verify_within  = "7d"
');
INSERT INTO incident VALUES ('h1',1,3,'alarmed',1768460400000,1768460400000,1768461060000,NULL,NULL,'{"n":1,"rule":"help","title":{"zh":"紧急呼救","en":"Call for help"},"level":"urgent","plan":"urgent","needs":{"on_scene":true,"verified":true},"stage":"alarmed","reason":{"why":"seen","device":"help-button","property":"help"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461060000,"rung":3,"ladder_from":1768460400000,"accepted":null,"answered":null,"on_scene":null,"resolved":null,"signs":1,"told":[{"k":1,"to":"daughter","contact":0,"rung":0,"lost":true},{"k":2,"to":"wang","contact":0,"rung":0,"lost":false},{"k":3,"to":"zhao","contact":0,"rung":1,"lost":false},{"k":4,"to":"li","contact":0,"rung":2,"lost":false},{"k":5,"to":"chen","contact":0,"rung":3,"lost":false}],"deliveries":5}');
INSERT INTO incident VALUES ('h1',2,2,'accepted',1768460400000,1768460400000,1768461300000,NULL,NULL,'{"n":2,"rule":"leak","title":{"zh":"水浸","en":"Water leak"},"level":"serious","plan":"grid","needs":{"on_scene":true,"verified":true},"stage":"accepted","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461300000,"rung":0,"ladder_from":1768460400000,"accepted":["wang",1768460400000],"answered":1768460400000,"on_scene":null,"resolved":null,"signs":1,"told":[],"deliveries":2}');
INSERT INTO entry VALUES (1,'h1',1,1768460400000,'{"at":1768460400000,"happened":"detected","reason":{"why":"seen","device":"help-button","property":"help"}}','35cb72a28590e580ad6e1a0fd1ad1cf06d8e8d9a477249c8959880733027fa62');
INSERT INTO entry VALUES (2,'h1',1,1768460400000,'{"at":1768460400000,"happened":"alarmed","tell":["family","micro-grid"]}','675bb74fa26be0123da7f1d0b4e4f97c80ca6ec306b5a2d2dda5b32faa032edd');
INSERT INTO entry VALUES (3,'h1',1,1768460400000,'{"at":1768460400000,"happened":"told","to":"daughter","channel":"screen","report":{"r":"failed","why":"busy","last":false}}','5899edf53f9d7fb040a37734d455bfbb30cbfd5d98262bef60d0c01463543dce');
INSERT INTO entry VALUES (4,'h1',2,1768460400000,'{"at":1768460400000,"happened":"detected","reason":{"why":"seen","device":"kitchen-leak","property":"leak"}}','52488b1f00ce052741f5ea26493c94b3b794707f64c7285da06cae63a0ca483c');
INSERT INTO entry VALUES (5,'h1',2,1768460400000,'{"at":1768460400000,"happened":"alarmed","tell":["family","micro-grid"]}','86f660cde8b3813a285fbbf7ac183d26b0688aa42ce33af729eedb2cb6c2d163');
INSERT INTO entry VALUES (6,'h1',2,1768460400000,'{"at":1768460400000,"happened":"accepted","by":"wang"}','a6ff9b3dae5c0b5224986c7cc0a604fb534c9052a1f6a40a45cbb280daf3fcb6');
INSERT INTO entry VALUES (7,'h1',1,1768461000000,'{"at":1768461000000,"late":540000,"happened":"escalated","why":{"climb":"unanswered"},"tell":["grid"]}','d11e9beda22e22bf12920af8346518e1f853069b465eb7b36982d19bdb03bea4');
INSERT INTO entry VALUES (8,'h1',1,1768461000000,'{"at":1768461000000,"late":480000,"happened":"escalated","why":{"climb":"unanswered"},"tell":["community"]}','1fec16db23e893d2c15d6ff5d82f6c21ce9b9772e4cfccccec5af52071192829');
INSERT INTO entry VALUES (9,'h1',1,1768461000000,'{"at":1768461000000,"late":360000,"happened":"escalated","why":{"climb":"unanswered"},"tell":["street"]}','1493d2cbf183cd344cc56194eff788e7c6e3bec3975de87d13b7384f1b0b9db6');
INSERT INTO delivery VALUES ('h1',1,1,3,'daughter','screen','','"alarm"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"alarm","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"rule":"help","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","person":"daughter"}}','紧急报警，请签收并上门：紧急呼救，3-2-501，15:00 起，编号 h1-1 · alarm, please accept and go: Call for help, 3-2-501, since 15:00, case h1-1',1768460400000,'failed',1,1768460405000,'{"r":"failed","why":"busy","last":false}',1768460400000);
INSERT INTO delivery VALUES ('h1',1,2,3,'wang','screen','','"alarm"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"alarm","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"rule":"help","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","person":"wang"}}','紧急报警，请签收并上门：紧急呼救，3-2-501，15:00 起，编号 h1-1 · alarm, please accept and go: Call for help, 3-2-501, since 15:00, case h1-1',1768460400000,'queued',0,1768460400000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,3,3,'zhao','screen','','"escalation"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"escalation","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"rule":"help","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","person":"zhao"}}','紧急报警无人签收，转您处理：紧急呼救，3-2-501，15:00 起，编号 h1-1 · nobody accepted, now yours: Call for help, 3-2-501, since 15:00, case h1-1',1768461000000,'queued',0,1768461000000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,4,3,'li','screen','','"escalation"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"escalation","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"rule":"help","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","person":"li"}}','紧急报警无人签收，转您处理：紧急呼救，3-2-501，15:00 起，编号 h1-1 · nobody accepted, now yours: Call for help, 3-2-501, since 15:00, case h1-1',1768461000000,'queued',0,1768461000000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,5,3,'chen','screen','','"escalation"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"escalation","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"rule":"help","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","person":"chen"}}','紧急报警无人签收，转您处理：紧急呼救，3-2-501，15:00 起，编号 h1-1 · nobody accepted, now yours: Call for help, 3-2-501, since 15:00, case h1-1',1768461000000,'queued',0,1768461000000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',2,1,2,'daughter','screen','','"alarm"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-2","level":"serious","purpose":"alarm","reason":{"en":"leak seen by kitchen-leak","zh":"kitchen-leak 报告水浸"},"rule":"leak","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Water leak","zh":"水浸"},"to":{"address":"","person":"daughter"}}','严重报警，请签收并上门：水浸，3-2-501，15:00 起，编号 h1-2 · alarm, please accept and go: Water leak, 3-2-501, since 15:00, case h1-2',1768460400000,'superseded',0,NULL,NULL,NULL);
INSERT INTO delivery VALUES ('h1',2,2,2,'wang','screen','','"alarm"','{"home":{"id":"h1","name":"3-2-501"},"incident":"h1-2","level":"serious","purpose":"alarm","reason":{"en":"leak seen by kitchen-leak","zh":"kitchen-leak 报告水浸"},"rule":"leak","since":"2026-01-15T07:00:00.000Z","stage":"alarmed","title":{"en":"Water leak","zh":"水浸"},"to":{"address":"","person":"wang"}}','严重报警，请签收并上门：水浸，3-2-501，15:00 起，编号 h1-2 · alarm, please accept and go: Water leak, 3-2-501, since 15:00, case h1-2',1768460400000,'superseded',0,NULL,NULL,NULL);
INSERT INTO strange VALUES ('mqtt nobody/knows',NULL,1,1768460400000,1768460400000,'[{"payload":"ff00","why":["no device has the topic `nobody/knows`"]}]');
INSERT INTO retained VALUES ('t',X'00',1);
INSERT INTO session VALUES ('c','{}');
INSERT INTO queued VALUES ('c',1,'t',X'01',1,0);
INSERT INTO taken VALUES ('c',1);
INSERT INTO meta VALUES ('record','9 1493d2cbf183cd344cc56194eff788e7c6e3bec3975de87d13b7384f1b0b9db6');
INSERT INTO meta VALUES ('saved-upto','9');
INSERT INTO announced VALUES ('k',1,'{}');
INSERT INTO walk VALUES ('h1','d',1,'{}');
INSERT INTO misread VALUES ('h1','d','checksum',3,1);
PRAGMA user_version = 2;
