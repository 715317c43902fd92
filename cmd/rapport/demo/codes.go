package demo

const (
	snomed  = "http://snomed.info/sct"
	loinc   = "http://loinc.org"
	icd10   = "http://hl7.org/fhir/sid/icd-10"
	ucum    = "http://unitsofmeasure.org"
	atc     = "http://www.whocc.no/atc"
	cvx     = "http://hl7.org/fhir/sid/cvx"
	hl7     = "http://terminology.hl7.org/CodeSystem/"
	actCode = hl7 + "v3-ActCode"
)

// of is a concept with one code and our own plain words; an empty code leaves
// the words alone.
func of(system, code, text string) concept {
	c := concept{Text: text}
	if code != "" {
		c.Coding = []coding{{system, code}}
	}
	return c
}

func ptr[T any](v T) *T { return &v }

// ailment is something a person has, in plain words.
type ailment struct{ name, snomed, icd string }

func (a ailment) concept() concept {
	c := of(snomed, a.snomed, a.name)
	if a.icd != "" {
		c.Coding = append(c.Coding, coding{icd10, a.icd})
	}
	return c
}

var (
	hypertension   = ailment{"High blood pressure", "38341003", "I10"}
	kneeArthritis  = ailment{"Arthritis of the knee", "239873007", "M17.1"}
	diabetes       = ailment{"Type 2 diabetes", "44054006", "E11.9"}
	heartFailure   = ailment{"Heart failure", "84114007", "I50.9"}
	fibrillation   = ailment{"Atrial fibrillation", "49436004", "I48.9"}
	asthma         = ailment{"Asthma", "195967001", "J45.9"}
	copd           = ailment{"COPD", "13645005", "J44.9"}
	hypothyroid    = ailment{"Underactive thyroid", "40930008", "E03.9"}
	backPain       = ailment{"Low back pain", "279039007", "M54.5"}
	migraine       = ailment{"Migraine", "37796009", "G43.9"}
	depression     = ailment{"Depression", "35489007", "F32.9"}
	anxiety        = ailment{"Generalised anxiety", "21897009", "F41.1"}
	hayFever       = ailment{"Hay fever", "21719001", "J30.1"}
	eczema         = ailment{"Eczema", "24079001", "L20.9"}
	highFats       = ailment{"High cholesterol", "55822004", "E78.5"}
	kidneyStage3   = ailment{"Reduced kidney function, stage 3", "433144002", "N18.3"}
	osteoporosis   = ailment{"Osteoporosis", "64859006", "M81.9"}
	pregnancy      = ailment{"Pregnancy", "77386006", "Z33"}
	hearingLoss    = ailment{"Hearing loss", "15188001", "H91.9"}
	lungCancer     = ailment{"Lung cancer", "254637007", "C34.9"}
	coldVirus      = ailment{"Cold", "54150009", "J06.9"}
	earInfection   = ailment{"Middle ear infection", "65363002", "H66.9"}
	bladderInfect  = ailment{"Bladder infection", "68566005", "N39.0"}
	jaundiceBaby   = ailment{"Newborn jaundice", "387712008", "P59.9"}
	acne           = ailment{"Acne", "88616000", "L70.0"}
	sleepTrouble   = ailment{"Trouble sleeping", "193462001", "G47.0"}
	chestInfection = ailment{"Chest infection", "50417007", "J22"}
)

// medicine is something prescribed.
type medicine struct {
	name, atc, form  string
	amount           float64 // per dose
	unit, unitSystem string  // in words, and the UCUM code
}

func (m medicine) concept() concept { return of(atc, m.atc, m.name) }

var medicines = map[string]medicine{
	"amlodipine 2.5":    {"Amlodipine 2.5 mg tablets", "C08CA01", "tablet", 2.5, "mg", "mg"},
	"amlodipine":        {"Amlodipine 5 mg tablets", "C08CA01", "tablet", 5, "mg", "mg"},
	"ramipril":          {"Ramipril 5 mg capsules", "C09AA05", "capsule", 5, "mg", "mg"},
	"apixaban low":      {"Apixaban 2.5 mg tablets", "B01AF02", "tablet", 2.5, "mg", "mg"},
	"apixaban":          {"Apixaban 5 mg tablets", "B01AF02", "tablet", 5, "mg", "mg"},
	"paracetamol":       {"Paracetamol 500 mg tablets", "N02BE01", "tablet", 1, "g", "g"},
	"ibuprofen":         {"Ibuprofen 400 mg tablets", "M01AE01", "tablet", 400, "mg", "mg"},
	"naproxen":          {"Naproxen 250 mg tablets", "M01AE02", "tablet", 250, "mg", "mg"},
	"omeprazole":        {"Omeprazole 20 mg capsules", "A02BC01", "capsule", 20, "mg", "mg"},
	"codeine":           {"Codeine 15 mg tablets", "R05DA04", "tablet", 15, "mg", "mg"},
	"metformin":         {"Metformin 500 mg tablets", "A10BA02", "tablet", 500, "mg", "mg"},
	"empagliflozin":     {"Empagliflozin 10 mg tablets", "A10BK03", "tablet", 10, "mg", "mg"},
	"gliclazide":        {"Gliclazide 40 mg tablets", "A10BB09", "tablet", 40, "mg", "mg"},
	"atorvastatin":      {"Atorvastatin 20 mg tablets", "C10AA05", "tablet", 20, "mg", "mg"},
	"bisoprolol":        {"Bisoprolol 2.5 mg tablets", "C07AB07", "tablet", 2.5, "mg", "mg"},
	"furosemide":        {"Furosemide 40 mg tablets", "C03CA01", "tablet", 40, "mg", "mg"},
	"spironolactone":    {"Spironolactone 25 mg tablets", "C03DA01", "tablet", 25, "mg", "mg"},
	"salbutamol":        {"Salbutamol 100 micrograms inhaler", "R03AC02", "inhaler", 2, "puffs", "{puff}"},
	"beclometasone":     {"Beclometasone 100 micrograms inhaler", "R03BA01", "inhaler", 2, "puffs", "{puff}"},
	"tiotropium":        {"Tiotropium 2.5 micrograms inhaler", "R03BB04", "inhaler", 2, "puffs", "{puff}"},
	"prednisolone":      {"Prednisolone 5 mg tablets", "H02AB06", "tablet", 30, "mg", "mg"},
	"prednisolone high": {"Prednisolone 5 mg tablets", "H02AB06", "tablet", 40, "mg", "mg"},
	"levothyroxine":     {"Levothyroxine 50 micrograms tablets", "H03AA01", "tablet", 50, "micrograms", "ug"},
	"sertraline":        {"Sertraline 50 mg tablets", "N06AB06", "tablet", 50, "mg", "mg"},
	"sertraline high":   {"Sertraline 100 mg tablets", "N06AB06", "tablet", 100, "mg", "mg"},
	"sumatriptan":       {"Sumatriptan 50 mg tablets", "N02CC01", "tablet", 50, "mg", "mg"},
	"propranolol":       {"Propranolol 40 mg tablets", "C07AA05", "tablet", 40, "mg", "mg"},
	"cetirizine":        {"Cetirizine 10 mg tablets", "R06AE07", "tablet", 10, "mg", "mg"},
	"iron":              {"Ferrous fumarate 210 mg tablets", "B03AA02", "tablet", 210, "mg", "mg"},
	"folic acid":        {"Folic acid 400 micrograms tablets", "B03BB01", "tablet", 400, "micrograms", "ug"},
	"vitamin D":         {"Colecalciferol 800 units capsules", "A11CC05", "capsule", 800, "units", "[iU]"},
	"doxycycline":       {"Doxycycline 100 mg capsules", "J01AA02", "capsule", 100, "mg", "mg"},
	"nitrofurantoin":    {"Nitrofurantoin 100 mg capsules", "J01XE01", "capsule", 100, "mg", "mg"},
	"pill":              {"Progestogen-only pill, desogestrel 75 micrograms", "G03AC09", "tablet", 75, "micrograms", "ug"},
	"emollient":         {"Emollient cream", "D02AX", "cream", 0, "", ""},
	"benzoyl":           {"Benzoyl peroxide 5 % gel", "D10AE01", "gel", 0, "", ""},
	"aspirin":           {"Aspirin 75 mg tablets", "B01AC06", "tablet", 75, "mg", "mg"},
	"morphine":          {"Morphine 10 mg in 5 ml liquid", "N02AA01", "liquid", 2.5, "mg", "mg"},
}

// formularyKeys name the medicines the practice keeps as Medication resources;
// prescriptions refer to these and spell out the others.
var formularyKeys = []string{"salbutamol", "beclometasone", "tiotropium", "levothyroxine", "metformin"}

// measure is something that can be measured, with the range a laboratory or
// the practice would print beside it; zero means no bound.
type measure struct {
	code, name, unit, ucum string
	low, high              float64
	decimals               int
	kind                   string // the category it is filed under
}

var (
	weight      = measure{"29463-7", "Weight", "kg", "kg", 0, 0, 1, "vital-signs"}
	height      = measure{"8302-2", "Height", "cm", "cm", 0, 0, 1, "vital-signs"}
	bodyMass    = measure{"39156-5", "Body mass index", "kg/m2", "kg/m2", 18.5, 25, 1, "vital-signs"}
	pulse       = measure{"8867-4", "Pulse", "beats/min", "/min", 50, 100, 0, "vital-signs"}
	temperature = measure{"8310-5", "Temperature", "°C", "Cel", 36, 38, 1, "vital-signs"}
	oxygen      = measure{"2708-6", "Oxygen level", "%", "%", 94, 0, 0, "vital-signs"}
	oxygenLungs = measure{"2708-6", "Oxygen level", "%", "%", 90, 0, 0, "vital-signs"} // as agreed in COPD
	babyWeight  = measure{"29463-7", "Weight", "kg", "kg", 0, 0, 2, "vital-signs"}
	headSize    = measure{"9843-4", "Head size", "cm", "cm", 0, 0, 1, "vital-signs"}
	peakFlow    = measure{"19935-6", "Peak flow", "L/min", "L/min", 0, 0, 0, "vital-signs"}
	steps       = measure{"41950-7", "Steps in a day", "steps", "{steps}/d", 0, 0, 0, "activity"}
	pain        = measure{"72514-3", "Pain, 0 to 10", "of 10", "{score}", 0, 0, 0, "survey"}
	mood        = measure{"44261-6", "PHQ-9 score", "points", "{score}", 0, 9, 0, "survey"}
	worry       = measure{"70274-6", "GAD-7 score", "points", "{score}", 0, 9, 0, "survey"}
	sugarHome   = measure{"14743-9", "Glucose, finger prick", "mmol/L", "mmol/L", 4, 7, 1, "laboratory"}

	longSugar    = measure{"4548-4", "HbA1c", "%", "%", 0, 6, 1, "laboratory"}
	cholesterol  = measure{"2093-3", "Total cholesterol", "mg/dL", "mg/dL", 0, 200, 0, "laboratory"}
	badFats      = measure{"13457-7", "LDL cholesterol", "mg/dL", "mg/dL", 0, 116, 0, "laboratory"}
	goodFats     = measure{"2085-9", "HDL cholesterol", "mg/dL", "mg/dL", 40, 0, 0, "laboratory"}
	triglyceride = measure{"2571-8", "Triglycerides", "mg/dL", "mg/dL", 0, 150, 0, "laboratory"}
	creatinine   = measure{"2160-0", "Creatinine", "mg/dL", "mg/dL", 0.5, 1.2, 2, "laboratory"}
	filtration   = measure{"33914-3", "Kidney filtration (eGFR)", "mL/min/1.73 m2", "mL/min/{1.73_m2}", 60, 0, 0, "laboratory"}
	potassium    = measure{"2823-3", "Potassium", "mmol/L", "mmol/L", 3.5, 5.3, 1, "laboratory"}
	sodium       = measure{"2951-2", "Sodium", "mmol/L", "mmol/L", 133, 146, 0, "laboratory"}
	haemoglobin  = measure{"718-7", "Haemoglobin", "g/dL", "g/dL", 12, 16.5, 1, "laboratory"}
	whiteCells   = measure{"6690-2", "White blood cells", "10*3/uL", "10*3/uL", 4, 11, 1, "laboratory"}
	platelets    = measure{"777-3", "Platelets", "10*3/uL", "10*3/uL", 150, 400, 0, "laboratory"}
	thyrotropin  = measure{"3016-3", "TSH", "mIU/L", "m[IU]/L", 0.4, 4.5, 2, "laboratory"}
	freeThyroxin = measure{"3024-7", "Free T4", "ng/dL", "ng/dL", 0.8, 1.8, 2, "laboratory"}
	ferritin     = measure{"2276-4", "Ferritin", "ng/mL", "ng/mL", 15, 200, 0, "laboratory"}
	heartStrain  = measure{"33762-6", "NT-proBNP", "pg/mL", "pg/mL", 0, 400, 0, "laboratory"}
)
