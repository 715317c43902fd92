package demo

// More of FHIR R4: visits, plans, papers and the practice itself. See wire.go.

type participant struct {
	Type       []concept  `json:"type,omitempty"`
	Individual *reference `json:"individual,omitempty"`
}

type place struct {
	Location reference `json:"location"`
}

type wireEncounter struct {
	head
	Status          string        `json:"status"`
	Class           coding        `json:"class"`
	Type            []concept     `json:"type,omitempty"`
	Subject         reference     `json:"subject"`
	Participant     []participant `json:"participant,omitempty"`
	Appointment     []reference   `json:"appointment,omitempty"`
	Period          *period       `json:"period,omitempty"`
	ReasonCode      []concept     `json:"reasonCode,omitempty"`
	Location        []place       `json:"location,omitempty"`
	ServiceProvider *reference    `json:"serviceProvider,omitempty"`
}

type attendee struct {
	Actor  reference `json:"actor"`
	Status string    `json:"status"`
}

type wireAppointment struct {
	head
	Status            string     `json:"status"`
	CancelationReason *concept   `json:"cancelationReason,omitempty"`
	ServiceType       []concept  `json:"serviceType,omitempty"`
	AppointmentType   *concept   `json:"appointmentType,omitempty"`
	ReasonCode        []concept  `json:"reasonCode,omitempty"`
	Description       string     `json:"description,omitempty"`
	Start             string     `json:"start,omitempty"`
	End               string     `json:"end,omitempty"`
	MinutesDuration   int        `json:"minutesDuration,omitempty"`
	Created           string     `json:"created,omitempty"`
	Comment           string     `json:"comment,omitempty"`
	Participant       []attendee `json:"participant"`
}

type protocol struct {
	Series                string `json:"series,omitempty"`
	DoseNumberPositiveInt int    `json:"doseNumberPositiveInt"`
}

type performer struct {
	Actor reference `json:"actor"`
}

type wireImmunization struct {
	head
	Status             string      `json:"status"`
	VaccineCode        concept     `json:"vaccineCode"`
	Whose              reference   `json:"patient"`
	Encounter          *reference  `json:"encounter,omitempty"`
	OccurrenceDateTime string      `json:"occurrenceDateTime"`
	PrimarySource      *bool       `json:"primarySource,omitempty"`
	LotNumber          string      `json:"lotNumber,omitempty"`
	Site               *concept    `json:"site,omitempty"`
	Performer          []performer `json:"performer,omitempty"`
	ProtocolApplied    []protocol  `json:"protocolApplied,omitempty"`
}

type attachment struct {
	ContentType string `json:"contentType,omitempty"`
	Language    string `json:"language,omitempty"`
	Data        []byte `json:"data,omitempty"` // base64 in JSON, as FHIR wants
	Title       string `json:"title,omitempty"`
	Creation    string `json:"creation,omitempty"`
}

type content struct {
	Attachment attachment `json:"attachment"`
}

type documentContext struct {
	Encounter []reference `json:"encounter,omitempty"`
}

type wireDocument struct {
	head
	Status      string           `json:"status"`
	DocStatus   string           `json:"docStatus,omitempty"`
	Type        *concept         `json:"type,omitempty"`
	Category    []concept        `json:"category,omitempty"`
	Subject     reference        `json:"subject"`
	Date        string           `json:"date,omitempty"`
	Author      []reference      `json:"author,omitempty"`
	Custodian   *reference       `json:"custodian,omitempty"`
	Description string           `json:"description,omitempty"`
	Content     []content        `json:"content"`
	Context     *documentContext `json:"context,omitempty"`
}

type wireProcedure struct {
	head
	Status            string      `json:"status"`
	Code              concept     `json:"code"`
	Subject           reference   `json:"subject"`
	Encounter         *reference  `json:"encounter,omitempty"`
	PerformedDateTime string      `json:"performedDateTime,omitempty"`
	Performer         []performer `json:"performer,omitempty"`
	ReasonCode        []concept   `json:"reasonCode,omitempty"`
	BodySite          []concept   `json:"bodySite,omitempty"`
	Note              []note      `json:"note,omitempty"`
}

type relativeCondition struct {
	Code        concept   `json:"code"`
	OnsetAge    *quantity `json:"onsetAge,omitempty"`
	OnsetString string    `json:"onsetString,omitempty"`
}

type wireFamily struct {
	head
	Status       string              `json:"status"`
	Whose        reference           `json:"patient"`
	Date         string              `json:"date,omitempty"`
	Relationship concept             `json:"relationship"`
	Condition    []relativeCondition `json:"condition,omitempty"`
}

type activityDetail struct {
	Kind            string      `json:"kind,omitempty"`
	Code            *concept    `json:"code,omitempty"`
	Goal            []reference `json:"goal,omitempty"`
	Status          string      `json:"status"`
	ScheduledTiming *timing     `json:"scheduledTiming,omitempty"`
	ScheduledString string      `json:"scheduledString,omitempty"`
	Performer       []reference `json:"performer,omitempty"`
	Description     string      `json:"description,omitempty"`
}

type activity struct {
	Detail *activityDetail `json:"detail"`
}

type wirePlan struct {
	head
	Status      string      `json:"status"`
	Intent      string      `json:"intent"`
	Category    []concept   `json:"category,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Subject     reference   `json:"subject"`
	Period      *period     `json:"period,omitempty"`
	Created     string      `json:"created,omitempty"`
	Author      *reference  `json:"author,omitempty"`
	Contributor []reference `json:"contributor,omitempty"`
	Addresses   []reference `json:"addresses,omitempty"`
	Goal        []reference `json:"goal,omitempty"`
	Activity    []activity  `json:"activity,omitempty"`
}

type target struct {
	Measure        *concept  `json:"measure,omitempty"`
	DetailQuantity *quantity `json:"detailQuantity,omitempty"`
	DetailRange    *span     `json:"detailRange,omitempty"`
	DetailString   string    `json:"detailString,omitempty"`
	DueDate        string    `json:"dueDate,omitempty"`
}

type wireGoal struct {
	head
	LifecycleStatus   string      `json:"lifecycleStatus"`
	AchievementStatus *concept    `json:"achievementStatus,omitempty"`
	Priority          *concept    `json:"priority,omitempty"`
	Description       concept     `json:"description"`
	Subject           reference   `json:"subject"`
	StartDate         string      `json:"startDate,omitempty"`
	Target            []target    `json:"target,omitempty"`
	StatusDate        string      `json:"statusDate,omitempty"`
	ExpressedBy       *reference  `json:"expressedBy,omitempty"`
	Addresses         []reference `json:"addresses,omitempty"`
}

type wireOrganization struct {
	head
	Active  *bool     `json:"active,omitempty"`
	Type    []concept `json:"type,omitempty"`
	Name    string    `json:"name,omitempty"`
	Telecom []telecom `json:"telecom,omitempty"`
	Address []address `json:"address,omitempty"`
}

type wireLocation struct {
	head
	Status               string     `json:"status,omitempty"`
	Name                 string     `json:"name,omitempty"`
	Description          string     `json:"description,omitempty"`
	Mode                 string     `json:"mode,omitempty"`
	Telecom              []telecom  `json:"telecom,omitempty"`
	Address              *address   `json:"address,omitempty"`
	PhysicalType         *concept   `json:"physicalType,omitempty"`
	ManagingOrganization *reference `json:"managingOrganization,omitempty"`
	PartOf               *reference `json:"partOf,omitempty"`
}

type qualification struct {
	Code concept `json:"code"`
}

type wirePractitioner struct {
	head
	Active        *bool           `json:"active,omitempty"`
	Name          []humanName     `json:"name,omitempty"`
	Telecom       []telecom       `json:"telecom,omitempty"`
	Gender        string          `json:"gender,omitempty"`
	Qualification []qualification `json:"qualification,omitempty"`
	Communication []concept       `json:"communication,omitempty"`
}

type hours struct {
	DaysOfWeek         []string `json:"daysOfWeek,omitempty"`
	AvailableStartTime string   `json:"availableStartTime,omitempty"`
	AvailableEndTime   string   `json:"availableEndTime,omitempty"`
}

type wireRole struct {
	head
	Active            *bool       `json:"active,omitempty"`
	Practitioner      reference   `json:"practitioner"`
	Organization      *reference  `json:"organization,omitempty"`
	Code              []concept   `json:"code,omitempty"`
	Location          []reference `json:"location,omitempty"`
	HealthcareService []reference `json:"healthcareService,omitempty"`
	AvailableTime     []hours     `json:"availableTime,omitempty"`
}

type wireService struct {
	head
	Active              *bool       `json:"active,omitempty"`
	ProvidedBy          *reference  `json:"providedBy,omitempty"`
	Type                []concept   `json:"type,omitempty"`
	Location            []reference `json:"location,omitempty"`
	Name                string      `json:"name,omitempty"`
	Comment             string      `json:"comment,omitempty"`
	AppointmentRequired *bool       `json:"appointmentRequired,omitempty"`
	AvailableTime       []hours     `json:"availableTime,omitempty"`
}

type wireMedication struct {
	head
	Code   concept  `json:"code"`
	Status string   `json:"status,omitempty"`
	Form   *concept `json:"form,omitempty"`
}
