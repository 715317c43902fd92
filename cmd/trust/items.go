package main

// items are the things that are to be true, as they were asked for. A test holds
// docs/trust-report.md to them.
var items = []item{
	{"Nobody can tell two worlds apart that differ only in what they may not see", []string{"non-interference"}},
	{"Planted leaks are caught, and how soon", []string{"leak "}},
	{"1,000 edits to the ledger as the database's owner are all detected, with the entry named; a rolled-back database is refused", []string{"edits", "rolled"}},
	{"Canary strings through every form and API are found nowhere outside the documented readable list", []string{"canaries"}},
	{"50 clients shredded: no usable key anywhere on disk; older backups: the erased stay erased, the others are whole", []string{"shred", "old copies", "restore"}},
	{"Killed at each step of rotation, backup, restore and erasure: one epoch, or the tool says how to go on", []string{"kill"}},
	{"The whole interface in Chromium with loopback only: no attempt to leave", []string{"loopback"}},
	{"Labels: what is found of what should be in a compartment", []string{"labels"}},
	{"Taking it with you", []string{"takeaway"}},
}

// runs are the tests that print figures. None of them is run short.
var runs = []run{
	{"./cmd/rapport", "^(TestNoWorldTellsWhatIsHiddenInIt|TestWorldsDifferForWhoMaySee|TestEveryPlantedLeakIsCaught)$"},
	{"./cmd/rapport", "^(TestNoCanaryOfAnyForm|TestNoCanaryOnDisk)$"},
	{"./cmd/rapport", "^TestNothingLeavesTheMachine$"},
	{"./cmd/rapport", "^TestACopyOpensWithoutUs$"},
	{"./record/internal/ledger", "^TestAThousandEditsByTheOwner$"},
	{"./care/looks", "^TestARolledBackBookIsRefused$"},
	{"./record", "^(TestShred|TestOldBackupsReviveNobody)$"},
	{"./record", "^TestKilledAtEveryStep$"},
	{"./record/internal/keyring", "^TestKilledAtEveryStepOfARotation$"},
	{"./fhir/label", "^(TestSyntheasPeople|TestRecallAndPrecision)$"},
	{"./care/takeaway", "^TestACopyLiesNeitherInMemoryNorOnTheDisk$"},
}
