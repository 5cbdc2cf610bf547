-- Form 4: what a line of a record says can go, and the record stands.
--
-- A line is sealed by the digest of a salt and what it says, so that what it says, and the salt with it, can
-- be deleted and the seal still follows from the digest; without the salt nobody can guess from the digest
-- what was there. `forgotten` is the deed that deleted it, which has the proof. Lines that earlier programs
-- wrote have no salt: they are sealed by what they say, and once deleted by the proof alone.
ALTER TABLE entry ADD COLUMN salt TEXT;
ALTER TABLE entry ADD COLUMN digest TEXT;
ALTER TABLE entry ADD COLUMN forgotten INTEGER;
ALTER TABLE deed ADD COLUMN salt TEXT;
ALTER TABLE deed ADD COLUMN digest TEXT;
ALTER TABLE deed ADD COLUMN forgotten INTEGER;
CREATE INDEX entry_forgotten ON entry (forgotten) WHERE forgotten IS NOT NULL;
