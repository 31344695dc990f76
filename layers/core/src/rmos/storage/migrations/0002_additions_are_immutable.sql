-- What was said of a run or attached to it is as immutable as the run: each is a record created once. Only the state of
-- an explanation moves on (run-explanation/), and sessions of an upload expire (run-upload/). For the two look-ups of
-- each trigger see the runs' own in 0001.
CREATE TRIGGER additions_are_not_replaced BEFORE INSERT ON records
WHEN EXISTS (
    SELECT 1 FROM records WHERE key = NEW.key
        AND (substr(key, 1, 13) = 'run-advisory/' OR substr(key, 1, 15) = 'run-attachment/')
    UNION ALL
    SELECT 1 FROM records WHERE rowid = NEW.rowid
        AND (substr(key, 1, 13) = 'run-advisory/' OR substr(key, 1, 15) = 'run-attachment/')
)
BEGIN
    SELECT RAISE(ABORT, 'what was added to a run is immutable');
END;

CREATE TRIGGER additions_are_not_changed BEFORE UPDATE ON records
WHEN substr(OLD.key, 1, 13) = 'run-advisory/' OR substr(OLD.key, 1, 15) = 'run-attachment/'
    OR substr(NEW.key, 1, 13) = 'run-advisory/' OR substr(NEW.key, 1, 15) = 'run-attachment/'
    OR EXISTS (
        SELECT 1 FROM records WHERE rowid = NEW.rowid
            AND (substr(key, 1, 13) = 'run-advisory/' OR substr(key, 1, 15) = 'run-attachment/')
    )
BEGIN
    SELECT RAISE(ABORT, 'what was added to a run is immutable');
END;

CREATE TRIGGER additions_are_not_deleted BEFORE DELETE ON records
WHEN substr(OLD.key, 1, 13) = 'run-advisory/' OR substr(OLD.key, 1, 15) = 'run-attachment/'
BEGIN
    SELECT RAISE(ABORT, 'what was added to a run is immutable');
END;
