package lang

// Measure returns the everyday name of something that is measured, by its LOINC
// code, and whether we have one. Others are shown in the words their sender gave
// them: a name guessed wrong is worse than one left untranslated.
func (p Printer) Measure(loinc string) (string, bool) {
	f, ok := measures[loinc]
	if !ok {
		return "", false
	}
	return f(p), true
}

// measures names the codes that practices, laboratories and devices send most;
// several codes that a lay reader would not tell apart share a name.
var measures = map[string]func(Printer) string{
	"85354-9": Printer.MeasurePressure, "55284-4": Printer.MeasurePressure, "8480-6": Printer.MeasureSystolic, "8462-4": Printer.MeasureDiastolic,
	"8867-4": Printer.MeasurePulse, "29463-7": Printer.MeasureWeight, "3141-9": Printer.MeasureWeight, "8302-2": Printer.MeasureHeight,
	"39156-5": Printer.MeasureBmi, "8310-5": Printer.MeasureTemperature, "2708-6": Printer.MeasureOxygen, "59408-5": Printer.MeasureOxygen,
	"9279-1": Printer.MeasureBreathing, "9843-4": Printer.MeasureHead, "19935-6": Printer.MeasurePeakflow,
	"41950-7": Printer.MeasureSteps, "72514-3": Printer.MeasurePain, "72166-2": Printer.MeasureSmoking,
	"4548-4": Printer.MeasureHba1c, "2339-0": Printer.MeasureGlucose, "2345-7": Printer.MeasureGlucose,
	"2160-0": Printer.MeasureCreatinine, "38483-4": Printer.MeasureCreatinine, "33914-3": Printer.MeasureEgfr, "98979-8": Printer.MeasureEgfr, "62238-1": Printer.MeasureEgfr,
	"2823-3": Printer.MeasurePotassium, "6298-4": Printer.MeasurePotassium, "2951-2": Printer.MeasureSodium, "2947-0": Printer.MeasureSodium,
	"2075-0": Printer.MeasureChloride, "2069-3": Printer.MeasureChloride, "2028-9": Printer.MeasureBicarbonate, "20565-8": Printer.MeasureBicarbonate,
	"3094-0": Printer.MeasureUrea, "6299-2": Printer.MeasureUrea, "17861-6": Printer.MeasureCalcium, "49765-1": Printer.MeasureCalcium,
	"2093-3": Printer.MeasureCholesterol, "18262-6": Printer.MeasureLdl, "13457-7": Printer.MeasureLdl, "2089-1": Printer.MeasureLdl,
	"2085-9": Printer.MeasureHdl, "2571-8": Printer.MeasureTriglycerides,
	"718-7": Printer.MeasureHaemoglobin, "4544-3": Printer.MeasureHaematocrit, "20570-8": Printer.MeasureHaematocrit, "789-8": Printer.MeasureRedcells,
	"6690-2": Printer.MeasureWhitecells, "777-3": Printer.MeasurePlatelets,
	"3016-3": Printer.MeasureTsh, "11580-8": Printer.MeasureTsh, "3024-7": Printer.MeasureFreetfour, "2276-4": Printer.MeasureFerritin,
	"33762-6": Printer.MeasureBnp, "1988-5": Printer.MeasureCrp,
}
