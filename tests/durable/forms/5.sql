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
, salt TEXT, digest TEXT, forgotten INTEGER) STRICT;
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
CREATE TABLE deed (
    id   INTEGER PRIMARY KEY,
    home TEXT    NOT NULL,
    n    INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    deed TEXT    NOT NULL,
    hash TEXT    NOT NULL
, salt TEXT, digest TEXT, forgotten INTEGER) STRICT;
CREATE INDEX entry_forgotten ON entry (forgotten) WHERE forgotten IS NOT NULL;
CREATE TABLE pass (
    digest BLOB    PRIMARY KEY,
    kind   TEXT    NOT NULL,
    who    TEXT    NOT NULL,
    about  TEXT    NOT NULL,
    made   INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    seen   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE password (person TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tap (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX tap_at ON tap (at);
INSERT INTO journal VALUES (8,1768461000000,'h1','{"t":"tick"}');
INSERT INTO journal VALUES (9,1768461000000,'h2','{"t":"tick"}');
INSERT INTO journal VALUES (10,1768461000000,'h1','{"t":"heard","device":"bed-pad","o":[{"p":"in_bed","v":true}]}');
INSERT INTO saved VALUES ('h1',8,1,'{"now":1768461000000,"offset":0,"listening":1768461000000,"home":{"id":"h1","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","place":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","place":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","place":"living","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","place":"living","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"calendar":{"holidays":["2026-01-01","2026-01-02","2026-01-03","2026-02-15","2026-02-16","2026-02-17","2026-02-18","2026-02-19","2026-02-20","2026-02-21","2026-02-22","2026-02-23","2026-04-04","2026-04-05","2026-04-06","2026-05-01","2026-05-02","2026-05-03","2026-05-04","2026-05-05","2026-06-19","2026-06-20","2026-06-21","2026-09-25","2026-09-26","2026-09-27","2026-10-01","2026-10-02","2026-10-03","2026-10-04","2026-10-05","2026-10-06","2026-10-07"],"workdays":["2026-01-04","2026-02-14","2026-02-28","2026-05-09","2026-09-20","2026-10-10"]},"ask":[{"channel":"radio","to":"h1"}],"consents":[{"scope":"health","purpose":"跌倒、体征异常时有人上门 / somebody comes when she falls or is unwell","by":"the resident","on":"2026-01-10"},{"scope":"family-sharing","purpose":"女儿可查看体征 / the daughter sees vital signs","by":"the resident","on":"2026-01-10"}]},"rules":"d0ba54c5ba1bafdf","situation":{"devices":{"bed-pad":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"help","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-leak":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"leak","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"presence":{"is":"home","since":1768460400000,"place":["living",1768460400000]},"baseline":{"days":[],"series":{},"open":null,"last":null,"away":false,"frozen":true,"doubtful":["2026-01-15"]},"visit":{"since":1768460400000,"until":null},"budget":{"until":0,"told":0},"rounds":{"last":null,"day_ends":0},"watches":[{"rule":"help","standing":1768460400000,"incident":1},{"rule":"fall"},{"rule":"fall-suspected"},{"rule":"long-lie"},{"rule":"smoke"},{"rule":"gas"},{"rule":"gas-level"},{"rule":"carbon-monoxide"},{"rule":"carbon-monoxide-low"},{"rule":"carbon-monoxide-high"},{"rule":"leak","standing":1768460400000,"incident":2},{"rule":"heart-rate"},{"rule":"heart-rate-watch"},{"rule":"heart-rate-rise"},{"rule":"breathing"},{"rule":"breathing-watch"},{"rule":"oxygen"},{"rule":"fever"},{"rule":"hypothermia"},{"rule":"blood-pressure-crisis"},{"rule":"blood-pressure-low"},{"rule":"glucose-low"},{"rule":"weight-gain"},{"rule":"news2-urgent"},{"rule":"news2-high"},{"rule":"news2-single"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"bathroom-stay"},{"rule":"no-activity"},{"rule":"no-activity-own"},{"rule":"night-rises-unusual","wake":1768492800000},{"rule":"bathroom-visits","wake":1768492800000},{"rule":"heart-rate-unusual","wake":1768492800000},{"rule":"temperature-unusual","wake":1768492800000},{"rule":"night-rises","wake":1768485600000},{"rule":"night-out"},{"rule":"not-returned"},{"rule":"long-in-bed"},{"rule":"still"},{"rule":"door-open"},{"rule":"door-unused"},{"rule":"cold"},{"rule":"heat"},{"rule":"water-running"},{"rule":"no-water"},{"rule":"stove-unattended"},{"rule":"device-quiet","device":"fall-radar","wake":1768461180000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"device-fault","device":"fall-radar"},{"rule":"device-fault","device":"bed-pad"},{"rule":"device-fault","device":"help-button"},{"rule":"device-fault","device":"ok-button"},{"rule":"device-fault","device":"kitchen-leak"},{"rule":"device-fault","device":"kitchen-smoke"},{"rule":"device-fault","device":"hall-motion"},{"rule":"device-fault","device":"front-door"},{"rule":"life-device-down","device":"fall-radar","wake":1768461180000},{"rule":"life-device-down","device":"bed-pad"},{"rule":"life-device-down","device":"help-button","wake":1768550400000},{"rule":"life-device-down","device":"ok-button","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-leak","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-smoke","wake":1768550400000},{"rule":"life-device-down","device":"hall-motion"},{"rule":"life-device-down","device":"front-door"},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"signal-weak","device":"fall-radar"},{"rule":"signal-weak","device":"bed-pad"},{"rule":"signal-weak","device":"help-button"},{"rule":"signal-weak","device":"ok-button"},{"rule":"signal-weak","device":"kitchen-leak"},{"rule":"signal-weak","device":"kitchen-smoke"},{"rule":"signal-weak","device":"hall-motion"},{"rule":"signal-weak","device":"front-door"},{"rule":"link-weak","device":"fall-radar"},{"rule":"link-weak","device":"bed-pad"},{"rule":"link-weak","device":"help-button"},{"rule":"link-weak","device":"ok-button"},{"rule":"link-weak","device":"kitchen-leak"},{"rule":"link-weak","device":"kitchen-smoke"},{"rule":"link-weak","device":"hall-motion"},{"rule":"link-weak","device":"front-door"},{"rule":"tamper","device":"fall-radar"},{"rule":"tamper","device":"bed-pad"},{"rule":"tamper","device":"help-button"},{"rule":"tamper","device":"ok-button"},{"rule":"tamper","device":"kitchen-leak"},{"rule":"tamper","device":"kitchen-smoke"},{"rule":"tamper","device":"hall-motion"},{"rule":"tamper","device":"front-door"},{"rule":"clock-wrong","device":"fall-radar"},{"rule":"clock-wrong","device":"bed-pad"},{"rule":"clock-wrong","device":"help-button"},{"rule":"clock-wrong","device":"ok-button"},{"rule":"clock-wrong","device":"kitchen-leak"},{"rule":"clock-wrong","device":"kitchen-smoke"},{"rule":"clock-wrong","device":"hall-motion"},{"rule":"clock-wrong","device":"front-door"},{"rule":"flapping","device":"fall-radar"},{"rule":"flapping","device":"bed-pad"},{"rule":"flapping","device":"help-button"},{"rule":"flapping","device":"ok-button"},{"rule":"flapping","device":"kitchen-leak"},{"rule":"flapping","device":"kitchen-smoke"},{"rule":"flapping","device":"hall-motion"},{"rule":"flapping","device":"front-door"},{"rule":"device-blind","device":"fall-radar"},{"rule":"device-blind","device":"bed-pad"},{"rule":"device-blind","device":"help-button"},{"rule":"device-blind","device":"ok-button"},{"rule":"device-blind","device":"kitchen-leak"},{"rule":"device-blind","device":"kitchen-smoke"},{"rule":"device-blind","device":"hall-motion"},{"rule":"device-blind","device":"front-door"},{"rule":"rota-gap"},{"rule":"hub-fault","device":"fall-radar"},{"rule":"hub-fault","device":"bed-pad"},{"rule":"hub-fault","device":"help-button"},{"rule":"hub-fault","device":"ok-button"},{"rule":"hub-fault","device":"kitchen-leak"},{"rule":"hub-fault","device":"kitchen-smoke"},{"rule":"hub-fault","device":"hall-motion"},{"rule":"hub-fault","device":"front-door"},{"rule":"visit-weekly"},{"rule":"visit-monthly"},{"rule":"visit-quarterly"},{"rule":"visit-after"},{"rule":"unreachable"},{"rule":"visit-finding"},{"rule":"request-repair"},{"rule":"request-help"},{"rule":"request-doctor"},{"rule":"reported-water"}],"incidents":{"1":{"n":1,"rule":"help","title":{"zh":"紧急呼救","en":"Call for help"},"level":"urgent","group":"safety","plan":"urgent","needs":{"on_scene":true,"verified":true},"checklist":"lying","stage":"alarmed","reason":{"why":"seen","device":"help-button","property":"help"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461060000,"rung":3,"ladder_from":1768460400000,"accepted":null,"answered":null,"on_scene":null,"resolved":null,"signs":1,"step":[1768460400000,60000],"desk":{"overdue_at":1768546800000},"told":[{"k":1,"to":"daughter","contact":0,"rung":0,"lost":true},{"k":2,"to":"wang","contact":0,"rung":0,"lost":false},{"k":3,"to":"zhao","contact":0,"rung":1,"lost":false},{"k":4,"to":"li","contact":0,"rung":2,"lost":false},{"k":5,"to":"chen","contact":0,"rung":3,"lost":false}],"deliveries":5},"2":{"n":2,"rule":"leak","title":{"zh":"水浸","en":"Water leak"},"level":"serious","group":"safety","matter":"water","plan":"grid","needs":{"on_scene":true,"verified":true},"stage":"accepted","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461300000,"rung":0,"ladder_from":1768460400000,"accepted":["wang",1768460400000],"answered":1768460400000,"on_scene":null,"resolved":null,"signs":1,"step":[1768460400000,900000],"desk":{"overdue_at":1768633200000},"told":[],"deliveries":2}},"last_incident":2}');
INSERT INTO saved VALUES ('h2',9,1,'{"now":1768461000000,"offset":0,"listening":1768461000000,"home":{"id":"h2","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","place":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","place":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","place":"living","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","place":"living","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"calendar":{"holidays":["2026-01-01","2026-01-02","2026-01-03","2026-02-15","2026-02-16","2026-02-17","2026-02-18","2026-02-19","2026-02-20","2026-02-21","2026-02-22","2026-02-23","2026-04-04","2026-04-05","2026-04-06","2026-05-01","2026-05-02","2026-05-03","2026-05-04","2026-05-05","2026-06-19","2026-06-20","2026-06-21","2026-09-25","2026-09-26","2026-09-27","2026-10-01","2026-10-02","2026-10-03","2026-10-04","2026-10-05","2026-10-06","2026-10-07"],"workdays":["2026-01-04","2026-02-14","2026-02-28","2026-05-09","2026-09-20","2026-10-10"]},"ask":[{"channel":"radio","to":"h1"}],"consents":[{"scope":"health","purpose":"跌倒、体征异常时有人上门 / somebody comes when she falls or is unwell","by":"the resident","on":"2026-01-10"},{"scope":"family-sharing","purpose":"女儿可查看体征 / the daughter sees vital signs","by":"the resident","on":"2026-01-10"}]},"rules":"d0ba54c5ba1bafdf","situation":{"devices":{"bed-pad":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"temperature","value":21.7,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-leak":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"presence":{"is":"unknown","since":0},"baseline":{"days":[],"series":{},"open":null,"last":null,"away":false,"frozen":false},"budget":{"until":0,"told":0},"rounds":{"last":null,"day_ends":0},"watches":[{"rule":"help"},{"rule":"fall"},{"rule":"fall-suspected"},{"rule":"long-lie"},{"rule":"smoke"},{"rule":"gas"},{"rule":"gas-level"},{"rule":"carbon-monoxide"},{"rule":"carbon-monoxide-low"},{"rule":"carbon-monoxide-high"},{"rule":"leak"},{"rule":"heart-rate"},{"rule":"heart-rate-watch"},{"rule":"heart-rate-rise"},{"rule":"breathing"},{"rule":"breathing-watch"},{"rule":"oxygen"},{"rule":"fever"},{"rule":"hypothermia"},{"rule":"blood-pressure-crisis"},{"rule":"blood-pressure-low"},{"rule":"glucose-low"},{"rule":"weight-gain"},{"rule":"news2-urgent"},{"rule":"news2-high"},{"rule":"news2-single"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"bathroom-stay"},{"rule":"no-activity"},{"rule":"no-activity-own"},{"rule":"night-rises-unusual","wake":1768492800000},{"rule":"bathroom-visits","wake":1768492800000},{"rule":"heart-rate-unusual","wake":1768492800000},{"rule":"temperature-unusual","wake":1768492800000},{"rule":"night-rises","wake":1768485600000},{"rule":"night-out"},{"rule":"not-returned"},{"rule":"long-in-bed"},{"rule":"still"},{"rule":"door-open"},{"rule":"door-unused"},{"rule":"cold","wake":1768471200001},{"rule":"heat","wake":1768471200001},{"rule":"water-running"},{"rule":"no-water"},{"rule":"stove-unattended"},{"rule":"device-quiet","device":"fall-radar","wake":1768461180000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"device-fault","device":"fall-radar"},{"rule":"device-fault","device":"bed-pad"},{"rule":"device-fault","device":"help-button"},{"rule":"device-fault","device":"ok-button"},{"rule":"device-fault","device":"kitchen-leak"},{"rule":"device-fault","device":"kitchen-smoke"},{"rule":"device-fault","device":"hall-motion"},{"rule":"device-fault","device":"front-door"},{"rule":"life-device-down","device":"fall-radar","wake":1768461180000},{"rule":"life-device-down","device":"bed-pad"},{"rule":"life-device-down","device":"help-button","wake":1768550400000},{"rule":"life-device-down","device":"ok-button","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-leak","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-smoke","wake":1768550400000},{"rule":"life-device-down","device":"hall-motion"},{"rule":"life-device-down","device":"front-door"},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"signal-weak","device":"fall-radar"},{"rule":"signal-weak","device":"bed-pad"},{"rule":"signal-weak","device":"help-button"},{"rule":"signal-weak","device":"ok-button"},{"rule":"signal-weak","device":"kitchen-leak"},{"rule":"signal-weak","device":"kitchen-smoke"},{"rule":"signal-weak","device":"hall-motion"},{"rule":"signal-weak","device":"front-door"},{"rule":"link-weak","device":"fall-radar"},{"rule":"link-weak","device":"bed-pad"},{"rule":"link-weak","device":"help-button"},{"rule":"link-weak","device":"ok-button"},{"rule":"link-weak","device":"kitchen-leak"},{"rule":"link-weak","device":"kitchen-smoke"},{"rule":"link-weak","device":"hall-motion"},{"rule":"link-weak","device":"front-door"},{"rule":"tamper","device":"fall-radar"},{"rule":"tamper","device":"bed-pad"},{"rule":"tamper","device":"help-button"},{"rule":"tamper","device":"ok-button"},{"rule":"tamper","device":"kitchen-leak"},{"rule":"tamper","device":"kitchen-smoke"},{"rule":"tamper","device":"hall-motion"},{"rule":"tamper","device":"front-door"},{"rule":"clock-wrong","device":"fall-radar"},{"rule":"clock-wrong","device":"bed-pad"},{"rule":"clock-wrong","device":"help-button"},{"rule":"clock-wrong","device":"ok-button"},{"rule":"clock-wrong","device":"kitchen-leak"},{"rule":"clock-wrong","device":"kitchen-smoke"},{"rule":"clock-wrong","device":"hall-motion"},{"rule":"clock-wrong","device":"front-door"},{"rule":"flapping","device":"fall-radar"},{"rule":"flapping","device":"bed-pad"},{"rule":"flapping","device":"help-button"},{"rule":"flapping","device":"ok-button"},{"rule":"flapping","device":"kitchen-leak"},{"rule":"flapping","device":"kitchen-smoke"},{"rule":"flapping","device":"hall-motion"},{"rule":"flapping","device":"front-door"},{"rule":"device-blind","device":"fall-radar"},{"rule":"device-blind","device":"bed-pad"},{"rule":"device-blind","device":"help-button"},{"rule":"device-blind","device":"ok-button"},{"rule":"device-blind","device":"kitchen-leak"},{"rule":"device-blind","device":"kitchen-smoke"},{"rule":"device-blind","device":"hall-motion"},{"rule":"device-blind","device":"front-door"},{"rule":"rota-gap"},{"rule":"hub-fault","device":"fall-radar"},{"rule":"hub-fault","device":"bed-pad"},{"rule":"hub-fault","device":"help-button"},{"rule":"hub-fault","device":"ok-button"},{"rule":"hub-fault","device":"kitchen-leak"},{"rule":"hub-fault","device":"kitchen-smoke"},{"rule":"hub-fault","device":"hall-motion"},{"rule":"hub-fault","device":"front-door"},{"rule":"visit-weekly"},{"rule":"visit-monthly"},{"rule":"visit-quarterly"},{"rule":"visit-after"},{"rule":"unreachable"},{"rule":"visit-finding"},{"rule":"request-repair"},{"rule":"request-help"},{"rule":"request-doctor"},{"rule":"reported-water"}],"incidents":{},"last_incident":0}');
INSERT INTO base VALUES ('h1',7,1,'{"now":1768460400000,"offset":0,"listening":null,"home":{"id":"h1","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","place":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","place":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","place":"living","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","place":"living","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"calendar":{"holidays":["2026-01-01","2026-01-02","2026-01-03","2026-02-15","2026-02-16","2026-02-17","2026-02-18","2026-02-19","2026-02-20","2026-02-21","2026-02-22","2026-02-23","2026-04-04","2026-04-05","2026-04-06","2026-05-01","2026-05-02","2026-05-03","2026-05-04","2026-05-05","2026-06-19","2026-06-20","2026-06-21","2026-09-25","2026-09-26","2026-09-27","2026-10-01","2026-10-02","2026-10-03","2026-10-04","2026-10-05","2026-10-06","2026-10-07"],"workdays":["2026-01-04","2026-02-14","2026-02-28","2026-05-09","2026-09-20","2026-10-10"]},"ask":[{"channel":"radio","to":"h1"}],"consents":[{"scope":"health","purpose":"跌倒、体征异常时有人上门 / somebody comes when she falls or is unwell","by":"the resident","on":"2026-01-10"},{"scope":"family-sharing","purpose":"女儿可查看体征 / the daughter sees vital signs","by":"the resident","on":"2026-01-10"}]},"rules":"d0ba54c5ba1bafdf","situation":{"devices":{"bed-pad":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"help","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-leak":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"leak","value":true,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"presence":{"is":"home","since":1768460400000,"place":["living",1768460400000]},"baseline":{"days":[],"series":{},"open":null,"last":null,"away":false,"frozen":true,"doubtful":["2026-01-15"]},"visit":{"since":1768460400000,"until":null},"budget":{"until":0,"told":0},"rounds":{"last":null,"day_ends":0},"watches":[{"rule":"help","standing":1768460400000,"incident":1},{"rule":"fall"},{"rule":"fall-suspected"},{"rule":"long-lie"},{"rule":"smoke"},{"rule":"gas"},{"rule":"gas-level"},{"rule":"carbon-monoxide"},{"rule":"carbon-monoxide-low"},{"rule":"carbon-monoxide-high"},{"rule":"leak","standing":1768460400000,"incident":2},{"rule":"heart-rate"},{"rule":"heart-rate-watch"},{"rule":"heart-rate-rise"},{"rule":"breathing"},{"rule":"breathing-watch"},{"rule":"oxygen"},{"rule":"fever"},{"rule":"hypothermia"},{"rule":"blood-pressure-crisis"},{"rule":"blood-pressure-low"},{"rule":"glucose-low"},{"rule":"weight-gain"},{"rule":"news2-urgent"},{"rule":"news2-high"},{"rule":"news2-single"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"bathroom-stay"},{"rule":"no-activity"},{"rule":"no-activity-own"},{"rule":"night-rises-unusual","wake":1768492800000},{"rule":"bathroom-visits","wake":1768492800000},{"rule":"heart-rate-unusual","wake":1768492800000},{"rule":"temperature-unusual","wake":1768492800000},{"rule":"night-rises","wake":1768485600000},{"rule":"night-out"},{"rule":"not-returned"},{"rule":"long-in-bed"},{"rule":"still"},{"rule":"door-open"},{"rule":"door-unused"},{"rule":"cold"},{"rule":"heat"},{"rule":"water-running"},{"rule":"no-water"},{"rule":"stove-unattended"},{"rule":"device-quiet","device":"fall-radar","wake":1768460580000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"device-fault","device":"fall-radar"},{"rule":"device-fault","device":"bed-pad"},{"rule":"device-fault","device":"help-button"},{"rule":"device-fault","device":"ok-button"},{"rule":"device-fault","device":"kitchen-leak"},{"rule":"device-fault","device":"kitchen-smoke"},{"rule":"device-fault","device":"hall-motion"},{"rule":"device-fault","device":"front-door"},{"rule":"life-device-down","device":"fall-radar","wake":1768460580000},{"rule":"life-device-down","device":"bed-pad"},{"rule":"life-device-down","device":"help-button","wake":1768550400000},{"rule":"life-device-down","device":"ok-button","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-leak","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-smoke","wake":1768550400000},{"rule":"life-device-down","device":"hall-motion"},{"rule":"life-device-down","device":"front-door"},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"signal-weak","device":"fall-radar"},{"rule":"signal-weak","device":"bed-pad"},{"rule":"signal-weak","device":"help-button"},{"rule":"signal-weak","device":"ok-button"},{"rule":"signal-weak","device":"kitchen-leak"},{"rule":"signal-weak","device":"kitchen-smoke"},{"rule":"signal-weak","device":"hall-motion"},{"rule":"signal-weak","device":"front-door"},{"rule":"link-weak","device":"fall-radar"},{"rule":"link-weak","device":"bed-pad"},{"rule":"link-weak","device":"help-button"},{"rule":"link-weak","device":"ok-button"},{"rule":"link-weak","device":"kitchen-leak"},{"rule":"link-weak","device":"kitchen-smoke"},{"rule":"link-weak","device":"hall-motion"},{"rule":"link-weak","device":"front-door"},{"rule":"tamper","device":"fall-radar"},{"rule":"tamper","device":"bed-pad"},{"rule":"tamper","device":"help-button"},{"rule":"tamper","device":"ok-button"},{"rule":"tamper","device":"kitchen-leak"},{"rule":"tamper","device":"kitchen-smoke"},{"rule":"tamper","device":"hall-motion"},{"rule":"tamper","device":"front-door"},{"rule":"clock-wrong","device":"fall-radar"},{"rule":"clock-wrong","device":"bed-pad"},{"rule":"clock-wrong","device":"help-button"},{"rule":"clock-wrong","device":"ok-button"},{"rule":"clock-wrong","device":"kitchen-leak"},{"rule":"clock-wrong","device":"kitchen-smoke"},{"rule":"clock-wrong","device":"hall-motion"},{"rule":"clock-wrong","device":"front-door"},{"rule":"flapping","device":"fall-radar"},{"rule":"flapping","device":"bed-pad"},{"rule":"flapping","device":"help-button"},{"rule":"flapping","device":"ok-button"},{"rule":"flapping","device":"kitchen-leak"},{"rule":"flapping","device":"kitchen-smoke"},{"rule":"flapping","device":"hall-motion"},{"rule":"flapping","device":"front-door"},{"rule":"device-blind","device":"fall-radar"},{"rule":"device-blind","device":"bed-pad"},{"rule":"device-blind","device":"help-button"},{"rule":"device-blind","device":"ok-button"},{"rule":"device-blind","device":"kitchen-leak"},{"rule":"device-blind","device":"kitchen-smoke"},{"rule":"device-blind","device":"hall-motion"},{"rule":"device-blind","device":"front-door"},{"rule":"rota-gap"},{"rule":"hub-fault","device":"fall-radar"},{"rule":"hub-fault","device":"bed-pad"},{"rule":"hub-fault","device":"help-button"},{"rule":"hub-fault","device":"ok-button"},{"rule":"hub-fault","device":"kitchen-leak"},{"rule":"hub-fault","device":"kitchen-smoke"},{"rule":"hub-fault","device":"hall-motion"},{"rule":"hub-fault","device":"front-door"},{"rule":"visit-weekly"},{"rule":"visit-monthly"},{"rule":"visit-quarterly"},{"rule":"visit-after"},{"rule":"unreachable"},{"rule":"visit-finding"},{"rule":"request-repair"},{"rule":"request-help"},{"rule":"request-doctor"},{"rule":"reported-water"}],"incidents":{"1":{"n":1,"rule":"help","title":{"zh":"紧急呼救","en":"Call for help"},"level":"urgent","group":"safety","plan":"urgent","needs":{"on_scene":true,"verified":true},"checklist":"lying","stage":"alarmed","reason":{"why":"seen","device":"help-button","property":"help"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768460460000,"rung":0,"ladder_from":1768460400000,"accepted":null,"answered":null,"on_scene":null,"resolved":null,"signs":1,"step":[1768460400000,60000],"desk":{"overdue_at":1768546800000},"told":[{"k":1,"to":"daughter","contact":0,"rung":0,"lost":true},{"k":2,"to":"wang","contact":0,"rung":0,"lost":false}],"deliveries":2},"2":{"n":2,"rule":"leak","title":{"zh":"水浸","en":"Water leak"},"level":"serious","group":"safety","matter":"water","plan":"grid","needs":{"on_scene":true,"verified":true},"stage":"accepted","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461300000,"rung":0,"ladder_from":1768460400000,"accepted":["wang",1768460400000],"answered":1768460400000,"on_scene":null,"resolved":null,"signs":1,"step":[1768460400000,900000],"desk":{"overdue_at":1768633200000},"told":[],"deliveries":2}},"last_incident":2}');
INSERT INTO base VALUES ('h2',3,1,'{"now":1768460400000,"offset":0,"listening":null,"home":{"id":"h2","name":"3-2-501","address":"3 栋 2 单元 501；钥匙在物业 / Building 3, stair 2, flat 501; key at the porter''s","zone":"Asia/Shanghai","devices":[{"id":"fall-radar","profile":"seeed/MR60FDA2","room":"bathroom","place":"bathroom","binding":{"serial":"/dev/careloop/fall-radar"},"quiet_after":180000,"is_life":true},{"id":"bed-pad","profile":"zigbee2mqtt/owon-SPM915","room":"bedroom","place":"bedroom","binding":{"mqtt":"bed-pad"},"quiet_after":90000000,"is_life":false},{"id":"help-button","profile":"zigbee2mqtt/heiman-HS1EB","room":"living room","place":"living","binding":{"mqtt":"help-button"},"quiet_after":90000000,"is_life":true},{"id":"ok-button","profile":"zigbee2mqtt/sonoff-SNZB-01","room":"living room","place":"living","binding":{"mqtt":"ok-button"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-leak","profile":"zigbee2mqtt/tuya-TS0207","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-leak"},"quiet_after":90000000,"is_life":true},{"id":"kitchen-smoke","profile":"zigbee2mqtt/heiman-HS1SA","room":"kitchen","place":"kitchen","binding":{"mqtt":"kitchen-smoke"},"quiet_after":90000000,"is_life":true},{"id":"hall-motion","profile":"zigbee2mqtt/aqara-RTCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"hall-motion"},"quiet_after":90000000,"is_life":false},{"id":"front-door","profile":"zigbee2mqtt/aqara-MCCGQ11LM","room":"hall","place":"hall","binding":{"mqtt":"front-door"},"quiet_after":90000000,"is_life":false}],"responders":[{"id":"daughter","name":"女儿 / the daughter","role":"family","contacts":[{"channel":"screen","to":""}]},{"id":"wang","name":"王 (微网格员)","role":"micro-grid","contacts":[{"channel":"screen","to":""},{"channel":"radio","to":"wang"}]},{"id":"zhao","name":"赵 (网格员)","role":"grid","contacts":[{"channel":"screen","to":""}]},{"id":"li","name":"李 (社区)","role":"community","contacts":[{"channel":"screen","to":""}]},{"id":"chen","name":"陈 (街道)","role":"street","contacts":[{"channel":"screen","to":""}]},{"id":"wu","name":"吴 (运维)","role":"technician","contacts":[{"channel":"screen","to":""}]}],"calendar":{"holidays":["2026-01-01","2026-01-02","2026-01-03","2026-02-15","2026-02-16","2026-02-17","2026-02-18","2026-02-19","2026-02-20","2026-02-21","2026-02-22","2026-02-23","2026-04-04","2026-04-05","2026-04-06","2026-05-01","2026-05-02","2026-05-03","2026-05-04","2026-05-05","2026-06-19","2026-06-20","2026-06-21","2026-09-25","2026-09-26","2026-09-27","2026-10-01","2026-10-02","2026-10-03","2026-10-04","2026-10-05","2026-10-06","2026-10-07"],"workdays":["2026-01-04","2026-02-14","2026-02-28","2026-05-09","2026-09-20","2026-10-10"]},"ask":[{"channel":"radio","to":"h1"}],"consents":[{"scope":"health","purpose":"跌倒、体征异常时有人上门 / somebody comes when she falls or is unwell","by":"the resident","on":"2026-01-10"},{"scope":"family-sharing","purpose":"女儿可查看体征 / the daughter sees vital signs","by":"the resident","on":"2026-01-10"}]},"rules":"d0ba54c5ba1bafdf","situation":{"devices":{"bed-pad":{"heard":1768460400000,"expected":1768460400000,"back":null,"facts":[{"property":"temperature","value":21.7,"since":1768460400000,"seen":1768460400000,"live":true,"observed_at":null,"clears_at":null,"cleared":false}]},"fall-radar":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"front-door":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"hall-motion":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"help-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-leak":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"kitchen-smoke":{"heard":null,"expected":1768460400000,"back":null,"facts":[]},"ok-button":{"heard":null,"expected":1768460400000,"back":null,"facts":[]}},"clearing":null},"presence":{"is":"unknown","since":0},"baseline":{"days":[],"series":{},"open":null,"last":null,"away":false,"frozen":false},"budget":{"until":0,"told":0},"rounds":{"last":null,"day_ends":0},"watches":[{"rule":"help"},{"rule":"fall"},{"rule":"fall-suspected"},{"rule":"long-lie"},{"rule":"smoke"},{"rule":"gas"},{"rule":"gas-level"},{"rule":"carbon-monoxide"},{"rule":"carbon-monoxide-low"},{"rule":"carbon-monoxide-high"},{"rule":"leak"},{"rule":"heart-rate"},{"rule":"heart-rate-watch"},{"rule":"heart-rate-rise"},{"rule":"breathing"},{"rule":"breathing-watch"},{"rule":"oxygen"},{"rule":"fever"},{"rule":"hypothermia"},{"rule":"blood-pressure-crisis"},{"rule":"blood-pressure-low"},{"rule":"glucose-low"},{"rule":"weight-gain"},{"rule":"news2-urgent"},{"rule":"news2-high"},{"rule":"news2-single"},{"rule":"night-bed-exit","wake":1768485600000},{"rule":"bathroom-stay"},{"rule":"no-activity"},{"rule":"no-activity-own"},{"rule":"night-rises-unusual","wake":1768492800000},{"rule":"bathroom-visits","wake":1768492800000},{"rule":"heart-rate-unusual","wake":1768492800000},{"rule":"temperature-unusual","wake":1768492800000},{"rule":"night-rises","wake":1768485600000},{"rule":"night-out"},{"rule":"not-returned"},{"rule":"long-in-bed"},{"rule":"still"},{"rule":"door-open"},{"rule":"door-unused"},{"rule":"cold","wake":1768471200001},{"rule":"heat","wake":1768471200001},{"rule":"water-running"},{"rule":"no-water"},{"rule":"stove-unattended"},{"rule":"device-quiet","device":"fall-radar","wake":1768460580000},{"rule":"device-quiet","device":"bed-pad","wake":1768550400000},{"rule":"device-quiet","device":"help-button","wake":1768550400000},{"rule":"device-quiet","device":"ok-button","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-leak","wake":1768550400000},{"rule":"device-quiet","device":"kitchen-smoke","wake":1768550400000},{"rule":"device-quiet","device":"hall-motion","wake":1768550400000},{"rule":"device-quiet","device":"front-door","wake":1768550400000},{"rule":"device-fault","device":"fall-radar"},{"rule":"device-fault","device":"bed-pad"},{"rule":"device-fault","device":"help-button"},{"rule":"device-fault","device":"ok-button"},{"rule":"device-fault","device":"kitchen-leak"},{"rule":"device-fault","device":"kitchen-smoke"},{"rule":"device-fault","device":"hall-motion"},{"rule":"device-fault","device":"front-door"},{"rule":"life-device-down","device":"fall-radar","wake":1768460580000},{"rule":"life-device-down","device":"bed-pad"},{"rule":"life-device-down","device":"help-button","wake":1768550400000},{"rule":"life-device-down","device":"ok-button","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-leak","wake":1768550400000},{"rule":"life-device-down","device":"kitchen-smoke","wake":1768550400000},{"rule":"life-device-down","device":"hall-motion"},{"rule":"life-device-down","device":"front-door"},{"rule":"battery-low","device":"fall-radar"},{"rule":"battery-low","device":"bed-pad"},{"rule":"battery-low","device":"help-button"},{"rule":"battery-low","device":"ok-button"},{"rule":"battery-low","device":"kitchen-leak"},{"rule":"battery-low","device":"kitchen-smoke"},{"rule":"battery-low","device":"hall-motion"},{"rule":"battery-low","device":"front-door"},{"rule":"signal-weak","device":"fall-radar"},{"rule":"signal-weak","device":"bed-pad"},{"rule":"signal-weak","device":"help-button"},{"rule":"signal-weak","device":"ok-button"},{"rule":"signal-weak","device":"kitchen-leak"},{"rule":"signal-weak","device":"kitchen-smoke"},{"rule":"signal-weak","device":"hall-motion"},{"rule":"signal-weak","device":"front-door"},{"rule":"link-weak","device":"fall-radar"},{"rule":"link-weak","device":"bed-pad"},{"rule":"link-weak","device":"help-button"},{"rule":"link-weak","device":"ok-button"},{"rule":"link-weak","device":"kitchen-leak"},{"rule":"link-weak","device":"kitchen-smoke"},{"rule":"link-weak","device":"hall-motion"},{"rule":"link-weak","device":"front-door"},{"rule":"tamper","device":"fall-radar"},{"rule":"tamper","device":"bed-pad"},{"rule":"tamper","device":"help-button"},{"rule":"tamper","device":"ok-button"},{"rule":"tamper","device":"kitchen-leak"},{"rule":"tamper","device":"kitchen-smoke"},{"rule":"tamper","device":"hall-motion"},{"rule":"tamper","device":"front-door"},{"rule":"clock-wrong","device":"fall-radar"},{"rule":"clock-wrong","device":"bed-pad"},{"rule":"clock-wrong","device":"help-button"},{"rule":"clock-wrong","device":"ok-button"},{"rule":"clock-wrong","device":"kitchen-leak"},{"rule":"clock-wrong","device":"kitchen-smoke"},{"rule":"clock-wrong","device":"hall-motion"},{"rule":"clock-wrong","device":"front-door"},{"rule":"flapping","device":"fall-radar"},{"rule":"flapping","device":"bed-pad"},{"rule":"flapping","device":"help-button"},{"rule":"flapping","device":"ok-button"},{"rule":"flapping","device":"kitchen-leak"},{"rule":"flapping","device":"kitchen-smoke"},{"rule":"flapping","device":"hall-motion"},{"rule":"flapping","device":"front-door"},{"rule":"device-blind","device":"fall-radar"},{"rule":"device-blind","device":"bed-pad"},{"rule":"device-blind","device":"help-button"},{"rule":"device-blind","device":"ok-button"},{"rule":"device-blind","device":"kitchen-leak"},{"rule":"device-blind","device":"kitchen-smoke"},{"rule":"device-blind","device":"hall-motion"},{"rule":"device-blind","device":"front-door"},{"rule":"rota-gap"},{"rule":"hub-fault","device":"fall-radar"},{"rule":"hub-fault","device":"bed-pad"},{"rule":"hub-fault","device":"help-button"},{"rule":"hub-fault","device":"ok-button"},{"rule":"hub-fault","device":"kitchen-leak"},{"rule":"hub-fault","device":"kitchen-smoke"},{"rule":"hub-fault","device":"hall-motion"},{"rule":"hub-fault","device":"front-door"},{"rule":"visit-weekly"},{"rule":"visit-monthly"},{"rule":"visit-quarterly"},{"rule":"visit-after"},{"rule":"unreachable"},{"rule":"visit-finding"},{"rule":"request-repair"},{"rule":"request-help"},{"rule":"request-doctor"},{"rule":"reported-water"}],"incidents":{},"last_incident":0}');
INSERT INTO book VALUES ('d0ba54c5ba1bafdf','# What careloop looks for. Each rule has the mission''s four parts:
#
#   [rule.detect]  one kind of judge; how long it must hold, `for` (an emergency has none: it is believed
#                  at once, and though the sensor takes back its word only people end it); how long it
#                  must be over to count as over, `recover`
#   [rule.warn]    optional: ask the resident, `after` the condition began; a press of any plain
#                  button in the home cancels, and is recorded; if the condition goes on, it counts
#                  anew `again_after` that
#   [rule.alarm]   `after` the condition began (left out: as soon as detected), by which `plan`;
#                  `raise_after`: a further sign so long after people were told tells them again
#   [rule.close]   what closing needs; closed while the condition goes on, it alarms again after
#                  `again_after`; gone by itself and back within `reopen_within`, it is the same incident
#
# These are presets, not medical advice. Every number can be changed, here for everybody and under
# [[home.change]] in register.toml for one resident; `source` says where it comes from ("preset": from us).
#
# `group`: safety, vital, activity, environment, equipment. `level`: info 提示, normal 一般, serious 严重,
# urgent 紧急; info is a warning and goes by the budget below, the others are told at once, always.
# `only = "areas"`: looks at a grid, whose devices are its homes.
# `checklist` in [rule.close]: what whoever comes looks at, a [[checklist]] below; with "checked" among
# `needs` it must be done before somebody says how it ended.
# `matter`: rules of one matter find the same thing in different ways. While an incident of the one is open,
# what the others find is further evidence of it, raises it to their level, and tells people again.
#
# Kinds:
#   emergency   { of }: a flag or press that calls for help by itself
#   threshold   { of, above, below, deadband, fresh }: a number beyond a limit
#   rate        { of, rises, falls, within, samples }: a number that changes too fast
#   count       { of, times, within, between }: something that happens too often
#   absence     { of, between }: a flag that should be set at this hour is not
#   dwell       { in, longer_than, at_night, night }: too long in a room, in bed, or out
#   inactivity  { of, between, own }: no sign of life while the sensors are proven alive; rests while she is
#               out. own = "0.25 a week": by the home''s own limit, which varies with the time of the day
#               and is as short as that many false alarms allow
#   deviation   { of, above, below, at_least, at_most, spread }: today is so many MADs from what is usual
#               for this resident
#   sequence    { first, between, without, after, settles, from_home }: something happened, and nothing of
#               what should have followed did; from_home: not if she was out before; or { first, between, then, within }: one thing followed another
#   score       { table, at_least, below, any_part, scale, fresh }: points by a published chart
#   expression  { when, fresh }: what no other kind covers, "power > 50 W and not presence in kitchen". It
#               knows the properties, `in` and a kind of room, numbers (the unit may stand behind),
#               < <= > >= == !=, + - * /, and, or, not, parentheses. What no device that is alive reports, or
#               a number older than `fresh`, is unknown; then the whole is, unless the rest decides it.
#   supervision { of, … } of each device by itself: "quiet"; "fault": it says itself that it is broken;
#               "down": either; "battery" (%), "signal" (dBm) or "link_quality" (0 to 255) with `below`;
#               "tamper"; "clock" with `beyond`; "flapping" with `times` and `within`; "blind": it speaks,
#               and tells none of the temperatures, levels and meters it used to. only = "life": devices a
#               life may hang on; "hub": its own store, clock and brokers; "home": the others.
#   visit       { tier, every, at, remote } it is the turn of residents of this tier (`visits` in the register):
#               `every` so many days after the latest visit, or on the working day before; `remote`: sensors that
#               showed her on so many days since count for a visit, never twice in a row. { after }: an incident
#               of one of these rules was closed, she is back from hospital (discharge), or somebody called for a
#               visit in one of these words. { unanswered }: so often in a row nobody opened. { found = "wrong" }
#   reported    { by }: no sensor finds it, a person says so: resident, family, grid, hotline
# What happens is written as in stories, "in_bed false", and may be of one room only: "open true in hall".
# Rooms: bathroom, bedroom, kitchen, living, hall (coverage.toml says by which words they are known).

# ---------------------------------------------------------------------------------- come and go
# Where the resident is, guessed from the door in the hall, motion and bed. Whoever is out is not missed at
# home; nothing else rests on it: smoke, falls and calls for help never ask who is there (preset).

[presence]
leaves          = "10m"       # the door moved and nobody stirred for so long since: out
settles         = "20s"       # who walks past just as the door moves may be the one who goes
lingers         = "2m"        # a radar may still see whoever has left for so long, and not for longer
returns         = 2           # stirs in a home that should be empty: one may be a ghost
returns_within  = "60m"
asleep_after    = "20m"
visits          = "30m"       # several people were seen no longer ago than this: company. And who was called
                              # is gone so long after they are done
stays           = "1h"        # who is on the scene, and does not say that it is done, is there for so long
forgotten_after = "36h"       # out for longer than this, nobody knows, and she is missed again

# --------------------------------------------------------------------------------------- habits
# What is usual for this resident, from their own days; the fixed rules watch from the first day on. Days
# with an open alarm, out of the home, or on which no sensor could see are not learnt from.

[learning]
# How a home''s own habits are learnt. The three numbers of the limit''s shape (around, quantile, margin)
# were chosen by leaving out one day at a time on the first halves of the three recorded homes of
# tests/evaluation, together and not by home, and are the same for every home.
signs       = ["motion", "presence", "open", "in_bed", "press", "vibration"]
keep        = 42        # days remembered: six weeks, so that a season''s change is followed
needed      = 7         # days before anything is called usual: each day of the week once; the fixed rules
                        # watch meanwhile (elsewhere: 14 days Vayyar, 30 days Alarm.com)
kind_needed = 6         # weekdays and weekends are told apart when there are so many of each
seen        = "6h"      # a day with less than this at home, seen by living sensors, teaches nothing
readings    = 1         # so many readings make a day''s median: most people weigh themselves once
around      = "1h"      # silences up to so much earlier or later in the day are taken together
quantile    = 75        # per cent of the days: one day in four may be odd and spoils nothing
margins     = ["2h", "24h"] # added before the scale that the home chooses: 2h follows the day, 24h is nearly a
                        # fixed limit, for homes whose days have no common shape; the own days choose
floor       = "1h"      # no learned limit is shorter
ceiling     = "12h"     # nor longer: that is the fixed rule `no-activity`

# --------------------------------------------------------------------------------------- warnings
# Of level info, a home tells so many at once a day; the rest is told together, once a day (preset).

[warnings]
a_day     = 4
digest_at = "09:00"

# --------------------------------------------------------------------------------------- checklists
# What whoever comes looks at; each item is answered fine, wrong or unseen (preset, after the first-aid
# guidance of the emergency-call pilots: china.md §3).

[[checklist]]
name = "lying"
items = [
  { name = "awake",     title = { zh = "神志清醒，能应答", en = "Awake, and answers" } },
  { name = "breathing", title = { zh = "呼吸正常", en = "Breathes as usual" } },
  { name = "injury",    title = { zh = "无出血、无剧痛、无畸形", en = "No bleeding, no bad pain, no limb at a wrong angle" } },
  { name = "moves",     title = { zh = "四肢能动，言语清楚", en = "Moves all limbs, speaks clearly" } },
  { name = "warm",      title = { zh = "身体不冷", en = "Not cold" } },
  { name = "stands",    title = { zh = "能站稳、能行走", en = "Stands and walks" } },
]

[[checklist]]
name = "fire-and-gas"
items = [
  { name = "people",  title = { zh = "人员已撤离或无恙", en = "People are out, or well" } },
  { name = "source",  title = { zh = "火源、气源已关闭", en = "The source is off" } },
  { name = "air",     title = { zh = "已通风", en = "Windows are open" } },
  { name = "sensor",  title = { zh = "报警器已复位、可用", en = "The detector is reset and works" } },
]
[[checklist]]
name = "visit"       # the five groups of the Beijing checklist (2019)
items = [
  { name = "speech",     under = { zh = "健康", en = "Health" },      title = { zh = "表达能力", en = "Speaks as usual" } },
  { name = "walking",    under = { zh = "健康", en = "Health" },      title = { zh = "行动能力", en = "Walks as usual" } },
  { name = "illness",    under = { zh = "健康", en = "Health" },      title = { zh = "疾病状况", en = "No illness that got worse" } },
  { name = "mood",       under = { zh = "精神", en = "Mind" },        title = { zh = "情绪", en = "Mood" } },
  { name = "thinking",   under = { zh = "精神", en = "Mind" },        title = { zh = "思维", en = "Thinks clearly" } },
  { name = "worries",    under = { zh = "精神", en = "Mind" },        title = { zh = "压力", en = "No great worries" } },
  { name = "gas-stove",  under = { zh = "安全", en = "Safety" },      title = { zh = "燃气", en = "Gas" } },
  { name = "heating",    under = { zh = "安全", en = "Safety" },      title = { zh = "水暖", en = "Water and heating" } },
  { name = "wiring",     under = { zh = "安全", en = "Safety" },      title = { zh = "用电", en = "Electricity" } },
  { name = "clean-self", under = { zh = "卫生", en = "Cleanliness" }, title = { zh = "个人", en = "Herself" } },
  { name = "clean-home", under = { zh = "卫生", en = "Cleanliness" }, title = { zh = "家庭", en = "Her home" } },
  { name = "clean-near", under = { zh = "卫生", en = "Cleanliness" }, title = { zh = "周边", en = "Around it" } },
  { name = "indoors",    under = { zh = "居住环境", en = "Living" },  title = { zh = "室内", en = "Indoors" } },
  { name = "outdoors",   under = { zh = "居住环境", en = "Living" },  title = { zh = "室外", en = "Outdoors" } },
  { name = "neighbours", under = { zh = "居住环境", en = "Living" },  title = { zh = "邻里关系", en = "Neighbours" } },
]


# --------------------------------------------------------------------------------------- scores
# A score is a published chart: each part is one finding and gives points, in bands upwards; the last band
# is open. A value is rounded to the chart''s `step` first, half a step upwards, as it would be written down
# at the bedside: SpO2 91.5 counts as 92, a temperature of 38.05 as 38.1. `about` says whose it is.
#
# NEWS2. The chart may not be changed. It supports a decision and is no diagnosis; it was not validated on
# what people measure by themselves at home. While a part is missing there is no total, only "at least".
# Scale 2 of SpO2 is for documented hypercapnic respiratory failure with a target of 88-92 %, and only a
# clinician sets it, for one resident: every rule here goes by scale 1.

[[score]]
name    = "news2"
title   = { zh = "NEWS2 评分", en = "NEWS2" }
about   = """
National Early Warning Score 2. Royal College of Physicians. National Early Warning Score (NEWS) 2: \
Standardising the assessment of acute-illness severity in the NHS. Updated report of a working party. \
London: RCP, 2017. Decision support, not a diagnosis; not for children or in pregnancy."""
maximum = 20

[[score.part]]
of    = "respiratory_rate"
step  = 1
bands = [
  { upto = 8,  points = 3 },
  { upto = 11, points = 1 },
  { upto = 20, points = 0 },
  { upto = 24, points = 2 },
  {            points = 3 },
]

[[score.part]]
of    = "spo2"
scale = 1
step  = 1
bands = [
  { upto = 91, points = 3 },
  { upto = 93, points = 2 },
  { upto = 95, points = 1 },
  {            points = 0 },
]

[[score.part]]
of        = "spo2"
scale     = 2
step      = 1
on_air    = [
  { upto = 83, points = 3 },
  { upto = 85, points = 2 },
  { upto = 87, points = 1 },
  {            points = 0 },
]
on_oxygen = [
  { upto = 83, points = 3 },
  { upto = 85, points = 2 },
  { upto = 87, points = 1 },
  { upto = 92, points = 0 },
  { upto = 94, points = 1 },
  { upto = 96, points = 2 },
  {            points = 3 },
]

[[score.part]]
of     = "oxygen"
points = { true = 2, false = 0 }

[[score.part]]
of    = "systolic"
step  = 1
bands = [
  { upto = 90,  points = 3 },
  { upto = 100, points = 2 },
  { upto = 110, points = 1 },
  { upto = 219, points = 0 },
  {             points = 3 },
]

[[score.part]]
of    = "heart_rate"
step  = 1
bands = [
  { upto = 40,  points = 3 },
  { upto = 50,  points = 1 },
  { upto = 90,  points = 0 },
  { upto = 110, points = 1 },
  { upto = 130, points = 2 },
  {             points = 3 },
]

# Alert, or confused anew, answering only to voice, only to pain, not at all (ACVPU).
[[score.part]]
of     = "lucid"
points = { true = 0, false = 3 }

[[score.part]]
of    = "body_temperature"
step  = 0.1
bands = [
  { upto = 35.0, points = 3 },
  { upto = 36.0, points = 1 },
  { upto = 38.0, points = 0 },
  { upto = 39.0, points = 1 },
  {              points = 2 },
]


# ------------------------------------------------------------------------------------------- safety

[[rule]]
name   = "help"
title  = { zh = "紧急呼救", en = "Call for help" }
level  = "urgent"
group  = "safety"
source = "a Tuya-based project, priority P0: a call for help pierces everything"
[rule.detect]
emergency = { of = ["help"] }
[rule.alarm]
plan = "urgent"
[rule.close]
checklist = "lying"
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

# A radar''s own confirmation has already passed when it says `fall`; the home asks for 30 s more, so that
# sitting down hard can be cancelled. A fall two minutes after people were told is another one, and told.
[[rule]]
name   = "fall"
title  = { zh = "疑似跌倒", en = "Possible fall" }
level  = "urgent"
group  = "safety"
matter = "down"
source = "Apple Watch: 30 s countdown; Vayyar Care: 52 s + 40 s"
[rule.detect]
emergency = { of = ["fall"] }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "10m"
[rule.alarm]
after = "30s"
raise_after = "2m"
plan = "urgent"
[rule.close]
checklist = "lying"
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

# She left the bed, and no sensor saw her anywhere since: next to the bed nobody sees a fall. Any movement,
# or the bed again, ends it before the alarm; what moves as she gets up does not count.
[[rule]]
name   = "fall-suspected"
title  = { zh = "离床后无动静", en = "Out of bed, and nothing moves" }
level  = "serious"
group  = "safety"
matter = "down"
source = "owlBack: bed exit, track lost, no new track; 5 minutes: preset"
[rule.detect]
sequence = { first = "in_bed false", without = ["motion true", "presence true", "in_bed true", "open true", "open false", "press"], after = ["5m"], settles = "20s", between = "21:00-08:00" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "5m"
plan = "grid"
[rule.close]
checklist = "lying"
needs = ["on-scene", "outcome", "verified"]
again_after = "2h"

# After 5, 15 and 60 minutes on the floor people are told again.
[[rule]]
name   = "long-lie"
title  = { zh = "跌倒后未起身", en = "Fallen, and not up again" }
level  = "urgent"
group  = "safety"
matter = "down"
source = "Fleming and Brayne, BMJ 2008: 30 % of the over-90s lay for an hour or more; half of those die within six months (Wild 1981)"
[rule.detect]
sequence = { first = "fall true", without = ["motion true", "in_bed true", "open true", "open false"], after = ["5m", "15m", "60m"], settles = "60s" }
[rule.alarm]
raise_after = "1m"
plan = "urgent"
[rule.close]
checklist = "lying"
needs = ["on-scene", "outcome", "verified"]
again_after = "1h"

# Smoke, gas and carbon monoxide are never cancelled from a distance.
[[rule]]
name   = "smoke"
title  = { zh = "烟雾报警", en = "Smoke" }
level  = "urgent"
group  = "safety"
source = "Chinese community platforms: smoke, gas and leak at once, cleared by a person on site"
[rule.detect]
emergency = { of = ["smoke"] }
[rule.alarm]
plan = "urgent"
[rule.close]
checklist = "fire-and-gas"
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name   = "gas"
title  = { zh = "燃气泄漏", en = "Gas" }
level  = "urgent"
group  = "safety"
matter = "gas"
source = "Chinese community platforms: smoke, gas and leak at once, cleared by a person on site"
[rule.detect]
emergency = { of = ["gas"] }
[rule.alarm]
raise_after = "1m"
plan = "urgent"
[rule.close]
checklist = "fire-and-gas"
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name   = "gas-level"
title  = { zh = "燃气浓度高", en = "Gas concentration" }
level  = "urgent"
group  = "safety"
matter = "gas"
source = "EN 50194-1: household detectors alarm between 3 and 20 % LEL (cited from memory); 10 %: preset"
[rule.detect]
threshold = { of = "gas_level", above = 10, deadband = 3, fresh = "10m" }
for = "30s"
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name   = "carbon-monoxide"
title  = { zh = "一氧化碳", en = "Carbon monoxide" }
level  = "urgent"
group  = "safety"
matter = "carbon-monoxide"
source = "EN 50291: the sensor itself has waited, 60 to 90 minutes at 50 ppm, under 3 minutes at 300 ppm"
[rule.detect]
emergency = { of = ["carbon_monoxide"] }
[rule.alarm]
raise_after = "1m"
plan = "urgent"
[rule.close]
checklist = "fire-and-gas"
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

# Of sensors that only measure.
[[rule]]
name   = "carbon-monoxide-low"
title  = { zh = "一氧化碳偏高", en = "Carbon monoxide for an hour" }
level  = "urgent"
group  = "safety"
matter = "carbon-monoxide"
source = "EN 50291: alarm at 50 ppm after 60 to 90 minutes"
[rule.detect]
threshold = { of = "co_level", above = 49, deadband = 10, fresh = "10m" }
for = "60m"
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

[[rule]]
name   = "carbon-monoxide-high"
title  = { zh = "一氧化碳过高", en = "Carbon monoxide, high" }
level  = "urgent"
group  = "safety"
matter = "carbon-monoxide"
source = "EN 50291: alarm at 300 ppm within 3 minutes"
[rule.detect]
threshold = { of = "co_level", above = 299, deadband = 50, fresh = "10m" }
for = "60s"
[rule.alarm]
raise_after = "1m"
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "10m"

[[rule]]
name   = "leak"
title  = { zh = "水浸", en = "Water leak" }
level  = "serious"
group  = "safety"
matter = "water"
source = "Chinese community platforms: smoke, gas and leak at once, cleared by a person on site"
[rule.detect]
emergency = { of = ["leak"] }
[rule.alarm]
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

# -------------------------------------------------------------------------------------- vital signs

[[rule]]
name   = "heart-rate"
title  = { zh = "心率异常", en = "Heart rate" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "owlRD alert policy, level 1: 44 or less, 116 or more, for 60 s"
[rule.detect]
threshold = { of = "heart_rate", above = 115, below = 45, deadband = 5, fresh = "3m" }
for = "60s"
recover = "60s"
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
name   = "heart-rate-watch"
title  = { zh = "心率偏离", en = "Heart rate, to be watched" }
level  = "info"
group  = "vital"
matter = "unwell"
source = "owlRD alert policy, level 2: 96 to 115 for 300 s; below 50 instead of 55, as a sleeping pulse is low: preset"
[rule.detect]
threshold = { of = "heart_rate", above = 95, below = 50, deadband = 3, fresh = "15m" }
for = "30m"
recover = "10m"
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "12h"

[[rule]]
name   = "heart-rate-rise"
title  = { zh = "心率快速上升", en = "Heart rate rising" }
level  = "info"
group  = "vital"
matter = "unwell"
source = "preset"
[rule.detect]
rate = { of = "heart_rate", rises = 30, within = "60m", samples = 6 }
for = "10m"
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "6h"
reopen_within = "1h"

[[rule]]
name   = "breathing"
title  = { zh = "呼吸异常", en = "Breathing rate" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "owlRD alert policy, level 1: 7 or less, 27 or more, for 60 s"
[rule.detect]
threshold = { of = "respiratory_rate", above = 26, below = 8, deadband = 2, fresh = "3m" }
for = "60s"
recover = "60s"
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
name   = "breathing-watch"
title  = { zh = "呼吸偏离", en = "Breathing rate, to be watched" }
level  = "info"
group  = "vital"
matter = "unwell"
source = "owlRD alert policy, level 2: 8 to 9, 24 to 26, for 300 s"
[rule.detect]
threshold = { of = "respiratory_rate", above = 23, below = 10, deadband = 1, fresh = "15m" }
for = "30m"
recover = "10m"
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "12h"

# Whoever has a target of 88 to 92 % gets a [[home.change]].
[[rule]]
name   = "oxygen"
title  = { zh = "血氧过低", en = "Low blood oxygen" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "NHS (Durham chart): 92 % or less is an emergency at home; NEWS2 scale 1: 91 or less scores 3"
[rule.detect]
threshold = { of = "spo2", below = 92, deadband = 2, fresh = "3m" }
for = "60s"
recover = "60s"
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

[[rule]]
name   = "fever"
title  = { zh = "发热", en = "Fever" }
level  = "normal"
group  = "vital"
matter = "unwell"
source = "IDSA 2008, older adults: a single oral temperature above 37.8 °C"
[rule.detect]
threshold = { of = "body_temperature", above = 37.8, deadband = 0.3, fresh = "12h" }
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "12h"

# A cold thermometer reads low, too: the resident is asked to measure again.
[[rule]]
name   = "hypothermia"
title  = { zh = "体温过低", en = "Body temperature low" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "hypothermia: below 35 °C; NEWS2: 35.0 or less scores 3"
[rule.detect]
threshold = { of = "body_temperature", below = 35.1, deadband = 0.4, fresh = "3h" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "10m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "2h"

# Time to sit down and measure again: a reading below ends it.
[[rule]]
name   = "blood-pressure-crisis"
title  = { zh = "血压危急", en = "Blood pressure crisis" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "AHA: 180/120 or more, repeat after 1 to 2 minutes (older text: 5)"
[rule.detect]
expression = { when = "systolic >= 180 mmHg or diastolic >= 120 mmHg", fresh = "30m" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "10m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "2h"

[[rule]]
name   = "blood-pressure-low"
title  = { zh = "血压过低", en = "Blood pressure low" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "NEWS2: a systolic pressure of 90 or less scores 3"
[rule.detect]
threshold = { of = "systolic", below = 91, deadband = 9, fresh = "30m" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "10m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "2h"

# Time to eat something and measure again.
[[rule]]
name   = "glucose-low"
title  = { zh = "血糖过低", en = "Blood sugar low" }
level  = "serious"
group  = "vital"
matter = "unwell"
source = "ADA Standards of Care: below 3.9 mmol/L is hypoglycaemia (cited from memory)"
[rule.detect]
threshold = { of = "glucose", below = 3.9, deadband = 0.4, fresh = "30m" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "15m"
[rule.alarm]
after = "15m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "1h"

[[rule]]
name   = "weight-gain"
title  = { zh = "体重快速上升", en = "Weight rising" }
level  = "info"
group  = "vital"
source = "heart failure advice of the ESC: more than 2 kg in 3 days (cited from memory)"
[rule.detect]
rate = { of = "weight", rises = 2, within = "3d", samples = 3 }
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "7d"
reopen_within = "1d"

# 7 or more: the emergency threshold, for an emergency assessment. Nobody is asked first: who is that ill
# may press any button.
[[rule]]
name  = "news2-urgent"
title = { zh = "NEWS2 评分 ≥ 7", en = "NEWS2 of 7 or more" }
level = "urgent"
group = "vital"
matter = "unwell"
source = "Royal College of Physicians, NEWS2 (2017), response table"
[rule.detect]
score = { table = "news2", at_least = 7, fresh = "12h" }
for = "2m"
[rule.alarm]
plan = "urgent"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "30m"

# 5 or 6: the threshold for an urgent assessment.
[[rule]]
name  = "news2-high"
title = { zh = "NEWS2 评分 5–6", en = "NEWS2 of 5 or 6" }
level = "serious"
group = "vital"
matter = "unwell"
source = "Royal College of Physicians, NEWS2 (2017), response table"
[rule.detect]
score = { table = "news2", at_least = 5, below = 7, fresh = "12h" }
for = "5m"
[rule.warn]
after = "5m"
ask = "resident"
again_after = "1h"
[rule.alarm]
after = "7m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "1h"

# 3 in a single part, whatever the others are: for an urgent review.
[[rule]]
name  = "news2-single"
title = { zh = "NEWS2 单项 3 分", en = "NEWS2: 3 in one part" }
level = "serious"
group = "vital"
matter = "unwell"
source = "Royal College of Physicians, NEWS2 (2017), response table"
[rule.detect]
score = { table = "news2", any_part = 3, fresh = "12h" }
for = "5m"
[rule.warn]
after = "5m"
ask = "resident"
again_after = "1h"
[rule.alarm]
after = "7m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "1h"

# ----------------------------------------------------------------------------------------- activity

# A visit to the bathroom takes less than 20 minutes; the rest of the night nobody is called again.
[[rule]]
name   = "night-bed-exit"
title  = { zh = "夜间离床未归", en = "Out of bed at night" }
level  = "serious"
group  = "activity"
matter = "down"
source = "several Chinese projects: off bed over 30 min between 22:00 and 06:00; GrandCare: 45 min"
[rule.detect]
absence = { of = "in_bed", between = "22:00-06:00" }
for = "10m"
[rule.warn]
after = "20m"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "30m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "8h"
reopen_within = "1h"

[[rule]]
name   = "bathroom-stay"
title  = { zh = "卫生间滞留", en = "In the bathroom for too long" }
level  = "serious"
group  = "activity"
matter = "down"
source = "a Tuya-based project, owlBack: 30 min; by day 60, a bath takes a while: preset"
[rule.detect]
dwell = { in = "bathroom", longer_than = "60m", at_night = "30m", night = "22:00-06:00" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "10m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "2h"

# From the first day; what is usual for this resident is learnt meanwhile.
[[rule]]
name   = "no-activity"
title  = { zh = "长时间无活动", en = "No activity" }
level  = "serious"
group  = "activity"
matter = "down"
source = "Zhenru, Shanghai: 12 hours; owlBack: 24 hours"
[rule.detect]
inactivity = { of = ["motion", "presence", "open", "in_bed", "press", "vibration"] }
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

# An early warning, hours before the fixed limit: the home asks, family is told. When `no-activity` follows it is
# raised to serious, and everybody is.
[[rule]]
name   = "no-activity-own"
title  = { zh = "无活动时间超出个人习惯", en = "Silent for longer than usual" }
level  = "normal"
group  = "activity"
matter = "down"
source = "learnt from the home''s own days; other homes: 0.09 false alarms a day at 5.4 hours (Wilhelm and Wahl, Sensors 2024, 24(20):6583)"
[rule.detect]
inactivity = { of = ["motion", "presence", "open", "in_bed", "press", "vibration"], own = "0.25 a week" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "2h"
[rule.alarm]
after = "20m"
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "4h"

[[rule]]
name   = "night-rises-unusual"
title  = { zh = "起夜次数异常", en = "Up more often at night than usual" }
level  = "info"
group  = "activity"
source = "a person''s own mean and twice the deviation: preset; Deyang lists it among its health warnings"
[rule.detect]
deviation = { of = "night_rises", above = 3, at_least = 3, spread = 0.7 }
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "20h"

[[rule]]
name   = "bathroom-visits"
title  = { zh = "如厕次数异常", en = "More often in the bathroom than usual" }
level  = "info"
group  = "activity"
source = "preset"
[rule.detect]
deviation = { of = "bathroom_visits", above = 4, at_least = 8, spread = 1.5 }
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "20h"

[[rule]]
name   = "heart-rate-unusual"
title  = { zh = "静息心率偏离个人水平", en = "Resting heart rate not as usual" }
level  = "info"
group  = "vital"
matter = "unwell"
source = "preset"
[rule.detect]
deviation = { of = "heart_rate", above = 5, spread = 2.5 }
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "20h"

[[rule]]
name   = "temperature-unusual"
title  = { zh = "体温高于个人水平", en = "Body temperature above the own level" }
level  = "normal"
group  = "vital"
matter = "unwell"
source = "IDSA 2008: more than 1.1 °C above the person''s own level is a fever, also below 37.8 °C"
[rule.detect]
deviation = { of = "body_temperature", above = 5, spread = 0.22 }
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "20h"

[[rule]]
name   = "night-rises"
title  = { zh = "夜间频繁起夜", en = "Up often at night" }
level  = "info"
group  = "activity"
source = "four or more a night: preset; Deyang lists it among its health warnings"
[rule.detect]
count = { of = "in_bed false", times = 4, within = "9h", between = "22:00-07:00" }
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "20h"

[[rule]]
name   = "night-out"
title  = { zh = "夜间外出", en = "Out at night" }
level  = "serious"
group  = "activity"
source = "the Shouwang project: a door opened at night is wandering; 10 minutes without a sign: preset"
[rule.detect]
sequence = { first = "open true in hall", without = ["motion true", "presence true", "in_bed true", "in_bed false", "press"], after = ["10m"], settles = "60s", between = "23:00-05:00", from_home = true }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "2m"
plan = "grid"
[rule.close]
needs = ["on-scene", "outcome", "verified"]
again_after = "6h"

# Once for each absence. Whoever says beforehand that nobody is at home (away) is not asked.
[[rule]]
name   = "not-returned"
title  = { zh = "外出未归", en = "Not back home" }
level  = "normal"
group  = "activity"
source = "Chinese community platforms start a timer when somebody goes out; 16 hours: preset"
[rule.detect]
dwell = { in = "out", longer_than = "16h" }
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "7d"

[[rule]]
name   = "long-in-bed"
title  = { zh = "长时间卧床", en = "In bed for too long" }
level  = "normal"
group  = "activity"
matter = "down"
source = "preset"
[rule.detect]
dwell = { in = "bed", longer_than = "14h" }
[rule.warn]
after = "0s"
ask = "resident"
again_after = "2h"
[rule.alarm]
after = "30m"
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "12h"

[[rule]]
name   = "still"
title  = { zh = "长时间静止", en = "Sitting still for long" }
level  = "info"
group  = "activity"
source = "preset"
[rule.detect]
expression = { when = "motionless and not in_bed" }
for = "3h"
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "12h"
reopen_within = "1h"

[[rule]]
name   = "door-open"
title  = { zh = "门未关", en = "Door left open" }
level  = "normal"
group  = "activity"
source = "preset; Alarm.com: sensor left open"
[rule.detect]
expression = { when = "open in hall" }
for = "15m"
[rule.warn]
after = "15m"
ask = "resident"
again_after = "2h"
[rule.alarm]
after = "30m"
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "6h"
reopen_within = "1h"

[[rule]]
name   = "door-unused"
title  = { zh = "长时间未开门", en = "Door not used" }
level  = "info"
group  = "activity"
source = "Zhenru: 48 hours; a Tuya-based project: 72 hours"
[rule.detect]
inactivity = { of = ["open"] }
for = "72h"
[rule.alarm]
plan = "watch"
[rule.close]
needs = ["outcome"]
again_after = "3d"

# -------------------------------------------------------------------------------------- environment

[[rule]]
name   = "cold"
title  = { zh = "室温过低", en = "Room too cold" }
level  = "normal"
group  = "environment"
source = "WHO Housing and health guidelines 2018: 18 °C; 16 °C for two hours: preset"
[rule.detect]
threshold = { of = "temperature", below = 16, deadband = 1, fresh = "3h" }
for = "2h"
recover = "30m"
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "12h"

[[rule]]
name   = "heat"
title  = { zh = "室温过高", en = "Room too hot" }
level  = "normal"
group  = "environment"
source = "field reports: above 26 to 30 °C for hours; 30 °C for two hours: preset"
[rule.detect]
threshold = { of = "temperature", above = 30, deadband = 1, fresh = "3h" }
for = "2h"
recover = "30m"
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "12h"

[[rule]]
name   = "water-running"
title  = { zh = "水长时间不停", en = "Water runs and runs" }
level  = "normal"
group  = "environment"
source = "AMPds2, a family house over two years: an hour without a break occurs 0.04 times a week"
[rule.detect]
threshold = { of = "water_flow", above = 0.1, deadband = 0, fresh = "10m" }
for = "60m"
recover = "5m"
[rule.alarm]
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "6h"

[[rule]]
name   = "no-water"
title  = { zh = "长时间未用水", en = "No water used" }
level  = "normal"
group  = "environment"
matter = "down"
source = "Jiangsu Road, Shanghai, and Longgang, Shenzhen: under 0.01 m³ in 12 hours"
[rule.detect]
inactivity = { of = ["water", "water_flow"] }
for = "12h"
[rule.warn]
after = "12h"
ask = "resident"
again_after = "4h"
[rule.alarm]
after = "13h"
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "12h"

[[rule]]
name   = "stove-unattended"
title  = { zh = "灶具无人看管", en = "Stove on, nobody there" }
level  = "normal"
group  = "environment"
source = "preset"
[rule.detect]
expression = { when = "power in kitchen > 300 W and not motion in kitchen", fresh = "10m" }
for = "20m"
recover = "2m"
[rule.warn]
after = "20m"
ask = "resident"
again_after = "30m"
[rule.alarm]
after = "30m"
plan = "soon"
[rule.close]
needs = ["outcome"]
again_after = "2h"

# ------------------------------------------------------------------------------------- equipment

[[rule]]
name  = "device-quiet"
title = { zh = "设备离线", en = "Device gone quiet" }
level = "info"
group = "equipment"
source = "preset: a restart of the router takes less"
[rule.detect]
supervision = { of = "quiet" }
for = "5m"                  # a restart of the router takes less
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "2d"

# Its own word for it: a worn-out cell, a sensor that failed its test, a radar that sees nothing.
[[rule]]
name  = "device-fault"
title = { zh = "设备故障", en = "Device fault" }
level = "info"
group = "equipment"
source = "preset: a device that starts or tries itself out may say so meanwhile"
[rule.detect]
supervision = { of = "fault", only = "home" }
for = "5m"                  # a device that starts or tries itself out may say so meanwhile (preset)
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "2d"

# A device that a life may hang on and that is gone or broken for more than two hours: until it is
# repaired something else must take its place, or somebody must look in (JGJ/T 484-2019, 10.3.1).
[[rule]]
name  = "life-device-down"
title = { zh = "需要临时替代", en = "Needs a substitute" }
level = "normal"
group = "equipment"
source = "JGJ/T 484-2019 10.3.1: over two hours unrepaired wants a substitute or staff"
[rule.detect]
supervision = { of = "down", only = "life" }
for = "2h"
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "1d"

[[rule]]
name  = "battery-low"
title = { zh = "设备低电量", en = "Battery low" }
level = "info"
group = "equipment"
source = "Shapingba: under 10 %; Tuya-based project: 15 % or less"
[rule.detect]
supervision = { of = "battery", below = 15 }
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "7d"

# The edge of reception of Wi-Fi and Zigbee radios; Zigbee modules give up at about -100 dBm (preset).
[[rule]]
name  = "signal-weak"
title = { zh = "信号弱", en = "Weak signal" }
level = "info"
group = "equipment"
source = "preset: Zigbee modules give up at about -100 dBm"
[rule.detect]
supervision = { of = "signal", below = -90 }
for = "1h"                  # somebody who stands in between goes away again
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "30d"

# zigbee2mqtt''s linkquality, 0 to 255: its makers differ in what they mean by it (preset).
[[rule]]
name  = "link-weak"
title = { zh = "链路质量差", en = "Weak link" }
level = "info"
group = "equipment"
source = "preset: zigbee2mqtt''s linkquality, 0 to 255"
[rule.detect]
supervision = { of = "link_quality", below = 20 }
for = "1h"
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "30d"

# Somebody took it off its base, or the wind did: a trouble, as in Contact ID 383 (sensor tamper).
[[rule]]
name  = "tamper"
title = { zh = "设备被拆动", en = "Device opened or moved" }
level = "info"
group = "equipment"
source = "Contact ID 383, sensor tamper: a trouble; preset"
[rule.detect]
supervision = { of = "tamper" }
for = "2m"                  # who changes a battery closes it again
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "1d"

# Decisions go by the hub''s clock; what the sensor says of when is shown, and must not mislead (preset).
[[rule]]
name  = "clock-wrong"
title = { zh = "设备时钟不准", en = "Device clock wrong" }
level = "info"
group = "equipment"
source = "preset"
[rule.detect]
supervision = { of = "clock", beyond = "10m" }
for = "6h"                  # a message that was long on its way is no wrong clock
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "30d"

# Now here, now gone: each time too short to be missed (preset).
[[rule]]
name  = "flapping"
title = { zh = "设备频繁掉线", en = "Device comes and goes" }
level = "info"
group = "equipment"
source = "preset"
[rule.detect]
supervision = { of = "flapping", times = 5, within = "6h" }
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "7d"

# It is heard, and says nothing any more: encrypted by an update, or its sensor is broken (preset).
[[rule]]
name  = "device-blind"
title = { zh = "设备无测量值", en = "Device measures nothing" }
level = "info"
group = "equipment"
source = "preset"
[rule.detect]
supervision = { of = "blind" }
for = "24h"
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "7d"

# Many homes of one grid (`grid` in register.toml) fall silent within two minutes: power or network of the
# block, and one incident instead of one for each device. A life device that stays down for two hours still
# asks for a substitute in its own home.
[[rule]]
name  = "area-silent"
title = { zh = "片区设备集体离线", en = "Many homes silent at once" }
level = "serious"
group = "equipment"
only  = "areas"
source = "preset: power or network loss at many homes of one grid in two minutes is one area incident"
[rule.detect]
count = { of = "online false", times = 3, within = "2m" }
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome", "verified"]
again_after = "6h"

# A rung of some home has nobody on duty within a day: `careloop register rota` says which, and when. It is over
# when somebody has the shift. 24 h: a day''s notice, in which there are working hours to find somebody in.
[[rule]]
name  = "rota-gap"
title = { zh = "值班空缺", en = "Nobody on duty" }
level = "normal"
group = "equipment"
source = "preset: a day''s notice"
[rule.detect]
threshold = { of = "cover", below = 24, fresh = "3h" }   # h; the hub tells it each hour
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "24h"

# The hub itself: its database, its clock. (A broker that cannot be reached is a device gone quiet.)
[[rule]]
name  = "hub-fault"
title = { zh = "网关故障", en = "Hub fault" }
level = "normal"
group = "equipment"
source = "preset"
[rule.detect]
supervision = { of = "fault", only = "hub" }
[rule.alarm]
plan = "technical"
[rule.close]
needs = ["outcome"]
again_after = "24h"


# --------------------------------------------------------------------------------------- visits
# 探访关爱: every resident of a tier is seen or spoken to in turn; a month without is a month too long (民政部 and
# others, 2022: a monthly visit rate of 100 %). A visit ends with an outcome: no-access is "nobody opened, or
# answered", refused is refused.

[[rule]]
name   = "visit-weekly"
title  = { zh = "每周探访", en = "Weekly visit" }
level  = "info"
group  = "visit"
matter = "visit"
source = "Inner Mongolia 2022: high risk, such as over 80 and living alone, once a week at least"
[rule.detect]
visit = { tier = "weekly", every = 7, at = "09:00" }
[rule.alarm]
plan = "visit"
[rule.close]
checklist   = "visit"
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "visit-monthly"
title  = { zh = "每月探访", en = "Monthly visit" }
level  = "info"
group  = "visit"
matter = "visit"
source = "Inner Mongolia 2022: once a month at least; remote monitoring counts: 民政部 2022, its days: preset"
[rule.detect]
visit = { tier = "monthly", every = 30, at = "09:00", remote = 20 }
[rule.alarm]
plan = "visit"
[rule.close]
checklist   = "visit"
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "visit-quarterly"
title  = { zh = "每季探访", en = "Quarterly visit" }
level  = "info"
group  = "visit"
matter = "visit"
source = "Inner Mongolia 2022: once a quarter at least; remote monitoring counts: 民政部 2022, its days: preset"
[rule.detect]
visit = { tier = "quarterly", every = 90, at = "09:00", remote = 60 }
[rule.alarm]
plan = "visit"
[rule.close]
checklist   = "visit"
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "visit-after"
title  = { zh = "回访探视", en = "Visit after something happened" }
level  = "normal"
group  = "visit"
matter = "visit"
source = "Inner Mongolia 2022: within 24 h of a major change; words for weather and festivals: Qinghai 2022"
[rule.detect]
visit = { after = ["fall", "long-lie", "help", "news2-urgent", "smoke", "gas", "discharge", "heat-wave", "cold-wave", "storm", "festival", "bereavement"] }
[rule.alarm]
plan = "visit-soon"
[rule.close]
checklist   = "visit"
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "unreachable"
title  = { zh = "探访失联", en = "Nobody opens" }
level  = "serious"
group  = "safety"
source = "preset: two visits in a row unanswered"
[rule.detect]
visit = { unanswered = 2 }
[rule.alarm]
plan = "grid"
[rule.close]
needs       = ["on-scene", "outcome", "verified"]
again_after = "1d"

[[rule]]
name   = "visit-finding"
title  = { zh = "探访发现异常", en = "A visit found something wrong" }
level  = "normal"
group  = "safety"
source = "preset"
[rule.detect]
visit = { found = "wrong" }
[rule.alarm]
plan = "request"
[rule.close]
needs       = ["outcome"]
again_after = "7d"


# --------------------------------------------------------------------------------------- requests
# What people ask for or report (一网收集): in one list, and with the same moves, as what sensors find. Add your
# own; a `matter` links them with what a sensor found.

[[rule]]
name   = "request-repair"
title  = { zh = "维修", en = "Repair" }
level  = "normal"
group  = "request"
source = "preset"
[rule.detect]
reported = { by = ["resident", "family", "grid", "hotline"] }
[rule.alarm]
plan = "request"
[rule.close]
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "request-help"
title  = { zh = "生活服务", en = "Help with daily life" }
level  = "normal"
group  = "request"
source = "preset"
[rule.detect]
reported = { by = ["resident", "family", "grid", "hotline"] }
[rule.alarm]
plan = "request"
[rule.close]
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "request-doctor"
title  = { zh = "就医陪诊", en = "Going to the doctor" }
level  = "normal"
group  = "request"
source = "preset"
[rule.detect]
reported = { by = ["resident", "family", "grid", "hotline"] }
[rule.alarm]
plan = "request"
[rule.close]
needs       = ["outcome"]
again_after = "1d"

[[rule]]
name   = "reported-water"
title  = { zh = "漏水", en = "Water is leaking" }
level  = "normal"
group  = "request"
matter = "water"
source = "preset"
[rule.detect]
reported = { by = ["resident", "family", "grid", "hotline"] }
[rule.alarm]
plan = "request"
[rule.close]
needs       = ["outcome"]
again_after = "1d"
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
# `close_within`   open for longer, all in all: supervisors are told (督办). Left out: never.
# `report_within`  a department that was whistled for has not reported in for longer: the next rung is told.
#                  Left out: an hour (Nanjing Gulou, 2023).
# `answers`        so many have to accept; until they have, the ladder goes on. Left out: one.
# A step that has used 80 % of its time is yellow, beyond it red (数字城管).
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
close_within   = "24h"        # preset

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
close_within   = "2d"         # preset

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
close_within   = "4d"         # preset

# A warning: somebody should know, and look in when they are there anyway. Beyond a few a day these are
# told together (`[warnings]` in rules.toml).
[[plan]]
name = "watch"
rungs = [
  { tell = ["family", "micro-grid"], after = "0s" },
  { tell = ["grid"],                 after = "24h", repeat = "24h" },
]
arrive_within  = "2d"
resolve_within = "2d"
verify_within  = "7d"

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

# A visit in its turn: days, not minutes (preset; tiers in rules.toml).
[[plan]]
name = "visit"
rungs = [
  { tell = ["micro-grid"], after = "0s" },
  { tell = ["grid"],       after = "3d" },
  { tell = ["community"],  after = "7d", repeat = "7d" },
]
arrive_within  = "3d"
resolve_within = "1d"
verify_within  = "7d"

# A visit after something happened: within 24 hours (Inner Mongolia, 2022: after a major change at a high-risk
# resident''s).
[[plan]]
name = "visit-soon"
rungs = [
  { tell = ["micro-grid"], after = "0s" },
  { tell = ["grid"],       after = "12h" },
  { tell = ["community"],  after = "24h", repeat = "12h" },
]
arrive_within  = "24h"
resolve_within = "1d"
verify_within  = "2d"

# What the resident or the family asks for, and orders of the hotline: an answer within three working days is
# usual for a request (12345), here natural time.
[[plan]]
name = "request"
rungs = [
  { tell = ["micro-grid"], after = "0s" },
  { tell = ["grid"],       after = "4h" },
  { tell = ["community"],  after = "24h", repeat = "24h" },
]
arrive_within  = "2d"
resolve_within = "1d"
verify_within  = "2d"
close_within   = "3d"
');
INSERT INTO incident VALUES ('h1',1,3,'alarmed',1768460400000,1768460400000,1768461060000,NULL,NULL,'{"n":1,"rule":"help","title":{"zh":"紧急呼救","en":"Call for help"},"level":"urgent","group":"safety","plan":"urgent","needs":{"on_scene":true,"verified":true},"checklist":"lying","stage":"alarmed","reason":{"why":"seen","device":"help-button","property":"help"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461060000,"rung":3,"ladder_from":1768460400000,"accepted":null,"answered":null,"on_scene":null,"resolved":null,"signs":1,"step":[1768460400000,60000],"desk":{"overdue_at":1768546800000},"told":[{"k":1,"to":"daughter","contact":0,"rung":0,"lost":true},{"k":2,"to":"wang","contact":0,"rung":0,"lost":false},{"k":3,"to":"zhao","contact":0,"rung":1,"lost":false},{"k":4,"to":"li","contact":0,"rung":2,"lost":false},{"k":5,"to":"chen","contact":0,"rung":3,"lost":false}],"deliveries":5}');
INSERT INTO incident VALUES ('h1',2,2,'accepted',1768460400000,1768460400000,1768461300000,NULL,NULL,'{"n":2,"rule":"leak","title":{"zh":"水浸","en":"Water leak"},"level":"serious","group":"safety","matter":"water","plan":"grid","needs":{"on_scene":true,"verified":true},"stage":"accepted","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"since":1768460400000,"detected_at":1768460400000,"warn_at":null,"alarm_at":1768460400000,"alarmed":1768460400000,"over_at":null,"due":1768461300000,"rung":0,"ladder_from":1768460400000,"accepted":["wang",1768460400000],"answered":1768460400000,"on_scene":null,"resolved":null,"signs":1,"step":[1768460400000,900000],"desk":{"overdue_at":1768633200000},"told":[],"deliveries":2}');
INSERT INTO entry VALUES (1,'h1',1,1768460400000,'{"at":1768460400000,"happened":"detected","reason":{"why":"seen","device":"help-button","property":"help"},"grounds":{"rules":"d0ba54c5ba1bafdf","looks_for":"emergency = { of = [\"help\"] }","source":"a Tuya-based project, priority P0: a call for help pierces everything","for":0,"alarm_after":0,"since":1768460400000,"samples":[{"device":"help-button","p":"help","v":true,"since":1768460400000,"seen":1768460400000,"alive":true}]}}','04dffacf32c3cf6f540f1f6b06d9680039bed4fa16166ac804a89cd1b426e466','0134e6397baf21707c6c4398ec7c9398',NULL,NULL);
INSERT INTO entry VALUES (2,'h1',1,1768460400000,'{"at":1768460400000,"happened":"alarmed","tell":["family","micro-grid"]}','b3ad053367a2902fcb5adc9d0be0f1f6feff965cb053a4bc25eb6fa86f9852cd','2923fe4bd8227a72e83ba1cbeb4bda09',NULL,NULL);
INSERT INTO entry VALUES (3,'h1',1,1768460400000,'{"at":1768460400000,"happened":"told","to":"daughter","channel":"screen","report":{"r":"failed","why":"busy","last":false}}','34d7ad0ba0776207db83143ac4c3354c82f230b7697f027af762c54ff01be829','ce103f92e021046351f927a71885b414',NULL,NULL);
INSERT INTO entry VALUES (4,'h1',2,1768460400000,'{"at":1768460400000,"happened":"detected","reason":{"why":"seen","device":"kitchen-leak","property":"leak"},"grounds":{"rules":"d0ba54c5ba1bafdf","looks_for":"emergency = { of = [\"leak\"] }","source":"Chinese community platforms: smoke, gas and leak at once, cleared by a person on site","for":0,"alarm_after":0,"since":1768460400000,"samples":[{"device":"kitchen-leak","p":"leak","v":true,"since":1768460400000,"seen":1768460400000,"alive":true}]}}','a7526f111c07974fa6927c7c0a392827423c3d5647c863414f4400c87d56da8c','b33eb9da531a6fd4f0abd1cb87d4ec0e',NULL,NULL);
INSERT INTO entry VALUES (5,'h1',2,1768460400000,'{"at":1768460400000,"happened":"alarmed","tell":["family","micro-grid"]}','02a163de6483c245267f138469f06b97d1c1d4af9a631a638adb14c427214d0c','59e36f11a2d170230e9bc0911d7e82e1',NULL,NULL);
INSERT INTO entry VALUES (6,'h1',2,1768460400000,'{"at":1768460400000,"happened":"accepted","by":"wang"}','fe13112a347837553c9a163bfd1ca9d4e655746fd580dd4e321d24ab8674519b','6d876a871840fdd15f36452f3efc612c',NULL,NULL);
INSERT INTO entry VALUES (7,'h1',1,1768461000000,'{"at":1768461000000,"late":540000,"happened":"escalated","why":{"climb":"unanswered"},"tell":["grid"]}','c707cdf1ec3ab4c76dd472ba4d38618919810c2ad25e7311feddbb1938fd572a','a71eb5d9f5b120d80c99cacbdde7cc97',NULL,NULL);
INSERT INTO entry VALUES (8,'h1',1,1768461000000,'{"at":1768461000000,"late":480000,"happened":"escalated","why":{"climb":"unanswered"},"tell":["community"]}','d57d2ecd60364cf87b5b68883b91c75434d8063ac6d4992160530405918a5538','76fe70c7bf954ba097854db3145d2c4b',NULL,NULL);
INSERT INTO entry VALUES (9,'h1',1,1768461000000,'{"at":1768461000000,"late":360000,"happened":"escalated","why":{"climb":"unanswered"},"tell":["street"]}','8dc347d308fd7095b110f401f5fa4fe8bc84fdbd8077912070d66b9ed1f379ac','984585568c52959f7f135d1aa6419d59',NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,1,3,'daughter','screen','','"alarm"','{"group":"safety","heading":"紧急 h1-1","home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"alarm","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"reply":"回复 1 签收","rule":"help","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","language":"zh","person":"daughter"}}','紧急报警，请签收并上门：紧急呼救，15:00 起，编号 h1-1',1768460400000,'failed',1,1768460405000,'{"r":"failed","why":"busy","last":false}',1768460400000);
INSERT INTO delivery VALUES ('h1',1,2,3,'wang','screen','','"alarm"','{"group":"safety","heading":"紧急 h1-1","home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"alarm","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"reply":"回复 1 签收","rule":"help","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","language":"zh","person":"wang"}}','紧急报警，请签收并上门：紧急呼救，15:00 起，编号 h1-1',1768460400000,'queued',0,1768460400000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,3,3,'zhao','screen','','"escalation"','{"group":"safety","heading":"紧急 h1-1","home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"escalation","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"reply":"回复 1 签收","rule":"help","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","language":"zh","person":"zhao"}}','紧急报警 10 分钟无人签收，现转您处理：紧急呼救，15:00 起，编号 h1-1',1768461000000,'queued',0,1768461000000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,4,3,'li','screen','','"escalation"','{"group":"safety","heading":"紧急 h1-1","home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"escalation","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"reply":"回复 1 签收","rule":"help","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","language":"zh","person":"li"}}','紧急报警 10 分钟无人签收，现转您处理：紧急呼救，15:00 起，编号 h1-1',1768461000000,'queued',0,1768461000000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',1,5,3,'chen','screen','','"escalation"','{"group":"safety","heading":"紧急 h1-1","home":{"id":"h1","name":"3-2-501"},"incident":"h1-1","level":"urgent","purpose":"escalation","reason":{"en":"help from help-button","zh":"help-button 报告呼救"},"reply":"回复 1 签收","rule":"help","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Call for help","zh":"紧急呼救"},"to":{"address":"","language":"zh","person":"chen"}}','紧急报警 10 分钟无人签收，现转您处理：紧急呼救，15:00 起，编号 h1-1',1768461000000,'queued',0,1768461000000,NULL,NULL);
INSERT INTO delivery VALUES ('h1',2,1,2,'daughter','screen','','"alarm"','{"group":"safety","heading":"严重 h1-2","home":{"id":"h1","name":"3-2-501"},"incident":"h1-2","level":"serious","purpose":"alarm","reason":{"en":"leak seen by kitchen-leak","zh":"kitchen-leak 报告水浸"},"reply":"回复 1 签收","rule":"leak","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Water leak","zh":"水浸"},"to":{"address":"","language":"zh","person":"daughter"}}','严重报警，请签收并上门：水浸，15:00 起，编号 h1-2',1768460400000,'superseded',0,NULL,NULL,NULL);
INSERT INTO delivery VALUES ('h1',2,2,2,'wang','screen','','"alarm"','{"group":"safety","heading":"严重 h1-2","home":{"id":"h1","name":"3-2-501"},"incident":"h1-2","level":"serious","purpose":"alarm","reason":{"en":"leak seen by kitchen-leak","zh":"kitchen-leak 报告水浸"},"reply":"回复 1 签收","rule":"leak","since":"2026-01-15T07:00:00.000Z","since_local":"2026-01-15 15:00","stage":"alarmed","title":{"en":"Water leak","zh":"水浸"},"to":{"address":"","language":"zh","person":"wang"}}','严重报警，请签收并上门：水浸，15:00 起，编号 h1-2',1768460400000,'superseded',0,NULL,NULL,NULL);
INSERT INTO strange VALUES ('mqtt nobody/knows',NULL,1,1768460400000,1768460400000,'[{"payload":"ff00","why":["no device has the topic `nobody/knows`"]}]');
INSERT INTO retained VALUES ('t',X'00',1);
INSERT INTO session VALUES ('c','{}');
INSERT INTO queued VALUES ('c',1,'t',X'01',1,0);
INSERT INTO taken VALUES ('c',1);
INSERT INTO meta VALUES ('deeds','1 9b5ec7fede006fe50f37492b044b356ed2b0adbcff6914d7bef96dc8e83ad39d');
INSERT INTO meta VALUES ('record','9 8dc347d308fd7095b110f401f5fa4fe8bc84fdbd8077912070d66b9ed1f379ac');
INSERT INTO meta VALUES ('saved-upto','9');
INSERT INTO announced VALUES ('k',1,'{}');
INSERT INTO walk VALUES ('h1','d',1,'{}');
INSERT INTO misread VALUES ('h1','d','checksum',3,1);
INSERT INTO deed VALUES (1,'h1',1,1768461000000,'{"deed":"revealed","of":"address","home":"h1","incident":1,"by":"li","why":"nobody opens"}','9b5ec7fede006fe50f37492b044b356ed2b0adbcff6914d7bef96dc8e83ad39d','f3ca95e69b6e29de33883d588f55f420',NULL,NULL);
INSERT INTO pass VALUES (X'01','session','wang','a phone',1,9000000000000000,1);
INSERT INTO password VALUES ('wang','$argon2id$');
INSERT INTO tap VALUES ('wang 1',1);
PRAGMA user_version = 5;
